import type { Joint } from "./skeleton.ts";

/** How a figure moves. */
export type Motion = "walk" | "idle";

/**
 * A place on the figure, in figure heights: to its right, up from the ground, and forward, from the middle between
 * its feet.
 */
export interface BodyPoint {
  readonly right: number;
  readonly up: number;
  readonly forward: number;
}

export type Body = Readonly<Record<Joint, BodyPoint>>;

/** Proportions of a stocky game character, in figure heights. */
const thigh = 0.2;
const shin = 0.2;
const torso = 0.27;
const upperArm = 0.14;
const forearm = 0.13;
const hipWidth = 0.06;
const shoulderWidth = 0.115;
const ankleHeight = 0.03;

/** Angles of a limb pair, in radians from hanging straight down; forward is positive. */
interface Bend {
  readonly upper: number;
  readonly lower: number;
}

interface Moment {
  readonly right: { readonly arm: Bend; readonly leg: Bend };
  readonly left: { readonly arm: Bend; readonly leg: Bend };
}

/** The figure at a phase of its cycle: 0 … 1, and the same again after each whole one. */
export function bodyAt(motion: Motion, phase: number): Body {
  const moment = moments[motion](phase * 2 * Math.PI);
  const right = legOf(moment.right.leg);
  const left = legOf(moment.left.leg);
  // The lower foot is the one that stands, which lifts and sinks the body as the legs pass.
  const hips = ankleHeight - Math.min(right.ankle.up, left.ankle.up);
  const shoulders = hips + torso;
  const leg = (side: -1 | 1, { knee, ankle }: ReturnType<typeof legOf>) => ({
    hip: { right: side * hipWidth, up: hips, forward: 0 },
    knee: { right: side * hipWidth, up: hips + knee.up, forward: knee.forward },
    ankle: { right: side * hipWidth, up: hips + ankle.up, forward: ankle.forward },
  });
  const arm = (side: -1 | 1, bend: Bend) => {
    const elbow = along(upperArm, bend.upper);
    const wrist = along(forearm, bend.lower);
    return {
      shoulder: { right: side * shoulderWidth, up: shoulders, forward: 0 },
      elbow: { right: side * (shoulderWidth + 0.03), up: shoulders + elbow.up, forward: elbow.forward },
      wrist: {
        right: side * (shoulderWidth + 0.04),
        up: shoulders + elbow.up + wrist.up,
        forward: elbow.forward + wrist.forward,
      },
    };
  };
  const [rightLeg, leftLeg] = [leg(1, right), leg(-1, left)];
  const [rightArm, leftArm] = [arm(1, moment.right.arm), arm(-1, moment.left.arm)];
  const face = (side: number, up: number, forward: number) => ({ right: side, up: shoulders + up, forward });
  return {
    nose: face(0, 0.11, 0.07),
    neck: face(0, 0.01, 0),
    "right shoulder": rightArm.shoulder,
    "right elbow": rightArm.elbow,
    "right wrist": rightArm.wrist,
    "left shoulder": leftArm.shoulder,
    "left elbow": leftArm.elbow,
    "left wrist": leftArm.wrist,
    "right hip": rightLeg.hip,
    "right knee": rightLeg.knee,
    "right ankle": rightLeg.ankle,
    "left hip": leftLeg.hip,
    "left knee": leftLeg.knee,
    "left ankle": leftLeg.ankle,
    "right eye": face(0.03, 0.14, 0.06),
    "left eye": face(-0.03, 0.14, 0.06),
    "right ear": face(0.07, 0.115, 0),
    "left ear": face(-0.07, 0.115, 0),
  };
}

const moments: Readonly<Record<Motion, (angle: number) => Moment>> = {
  // Starts where both feet are on the ground, the right one in front: two frames are then two steps.
  walk: (angle) => ({ right: striding(angle + Math.PI / 2), left: striding(angle - Math.PI / 2) }),
  idle: (angle) => {
    const breath = (1 - Math.cos(angle)) / 2;
    const bend = 0.06 + 0.3 * breath;
    const side = { arm: { upper: 0.02, lower: 0.22 + 0.2 * breath }, leg: { upper: bend, lower: -bend } };
    return { right: side, left: side };
  },
};

/** One side of a walk; `angle` is that of its leg's swing, whose forward half bends the knee. */
function striding(angle: number): Moment["right"] {
  const swing = 0.42 * Math.sin(angle);
  const knee = 0.12 + 0.85 * Math.max(0, Math.cos(angle));
  const arm = -0.5 * Math.sin(angle);
  return { arm: { upper: arm, lower: arm + 0.35 }, leg: { upper: swing + knee * 0.35, lower: swing - knee * 0.65 } };
}

/** Knee and ankle as seen from the hip. */
function legOf(bend: Bend) {
  const knee = along(thigh, bend.upper);
  const foot = along(shin, bend.lower);
  return { knee, ankle: { up: knee.up + foot.up, forward: knee.forward + foot.forward } };
}

function along(length: number, angle: number): { up: number; forward: number } {
  return { up: -length * Math.cos(angle), forward: length * Math.sin(angle) };
}
