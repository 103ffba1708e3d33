// The heatmap as a piece of its own. heat.js and heatmap.js stand in front of this file.

const mounted = new WeakMap();

export default function ({ parentElement, data, setTriggerValue }) {
  let one = mounted.get(parentElement);
  if (!one) {
    one = { count: 0 };
    one.heatmap = new Heatmap(parentElement, (kind, [row, column]) => {
      one.count += 1; // the same click twice is two events
      one.trigger("event", { kind, row, column, count: one.count });
    });
    mounted.set(parentElement, one);
  }
  one.trigger = setTriggerValue;
  one.heatmap.update(data);
  return () => {
    one.heatmap.close();
    mounted.delete(parentElement);
  };
}
