"""Draws the synthetic samples: jointed figures made of shaded capsules, moved by gait figures.

people -> who; skeleton -> joints; gait, exercises, climbing -> how the joints move; camera and scenes -> where;
rasteriser -> pixels; film -> a clip. Only this room knows OpenCV. Everything is computed from a seed.
"""
