/**
 * The 18 joints of OpenPose's COCO model, in its order; right and left are the figure's own.
 * Source: Cao et al., "OpenPose", arXiv:1812.08008, as ControlNet (Zhang et al., arXiv:2302.05543) was trained on it.
 */
export const joints = [
  "nose",
  "neck",
  "right shoulder",
  "right elbow",
  "right wrist",
  "left shoulder",
  "left elbow",
  "left wrist",
  "right hip",
  "right knee",
  "right ankle",
  "left hip",
  "left knee",
  "left ankle",
  "right eye",
  "left eye",
  "right ear",
  "left ear",
] as const;

export type Joint = (typeof joints)[number];

/** The 17 limbs in drawing order; the place in the list is the colour. */
export const limbs: readonly (readonly [from: Joint, to: Joint])[] = [
  ["neck", "right shoulder"],
  ["neck", "left shoulder"],
  ["right shoulder", "right elbow"],
  ["right elbow", "right wrist"],
  ["left shoulder", "left elbow"],
  ["left elbow", "left wrist"],
  ["neck", "right hip"],
  ["right hip", "right knee"],
  ["right knee", "right ankle"],
  ["neck", "left hip"],
  ["left hip", "left knee"],
  ["left knee", "left ankle"],
  ["neck", "nose"],
  ["nose", "right eye"],
  ["right eye", "right ear"],
  ["nose", "left eye"],
  ["left eye", "left ear"],
];

/** Colours of joints and limbs, each 0 … 255: eighteen steps of 20° around the hue circle, from red. */
export const colors: readonly (readonly [red: number, green: number, blue: number])[] = joints.map((_, i) => {
  const channel = (shift: number) => {
    const hue = (i / 3 + shift) % 6;
    return Math.round(255 * Math.min(1, Math.max(0, Math.abs(hue - 3) - 1)));
  };
  return [channel(0), channel(4), channel(2)];
});
