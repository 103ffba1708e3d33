// Players (players.js) as a piece of the page. heat.js, heatmap.js and players.js stand in front of this file.

const mounted = new WeakMap();

export default function ({ parentElement, data, setTriggerValue }) {
  let players = mounted.get(parentElement);
  if (!players) {
    players = new Players(parentElement, (event) => players.trigger("event", event));
    mounted.set(parentElement, players);
  }
  players.trigger = setTriggerValue;
  players.update(data);
  return () => {
    players.close();
    mounted.delete(parentElement);
  };
}
