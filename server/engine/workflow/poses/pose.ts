import { bodyAt, type Motion } from "./motion.ts";
import { joints, type Joint } from "./skeleton.ts";

/** One cell of a sheet: a moment of a motion, seen from one side. */
export interface Pose {
  readonly motion: Motion;
  /** 0 … frames−1. */
  readonly frame: number;
  readonly frames: number;
  /** Which way the figure looks: degrees clockwise from down as seen from above, so that 90 is left. */
  readonly heading: number;
}

/** In pixels from the picture's top left. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Games look down at their figures a little, which also tells a foot in front from one behind. */
const cameraPitch = (20 * Math.PI) / 180;

/** Where the ground is, and how tall a figure stands: parts of the picture's height, or of what its width leaves room for. */
const ground = 0.88;
const tall = 0.94;

/** Face joints, which OpenPose does not see from behind; all others it finds through the body. */
const face: ReadonlySet<Joint> = new Set(["nose", "right eye", "left eye", "right ear", "left ear"]);

/** Where the joints of a pose are in a picture of this size in pixels, all of them in it; one turned away is missing. */
export function poseJoints(pose: Pose, width: number, height: number): ReadonlyMap<Joint, Point> {
  const body = bodyAt(pose.motion, pose.frame / pose.frames);
  const heading = (pose.heading * Math.PI) / 180;
  const [cos, sin] = [Math.cos(heading), Math.sin(heading)];
  const side = Math.min(height, width * 1.2);
  const unit = tall * side;
  const bottom = ground * side + (height - side) / 2;
  const places = new Map<Joint, Point>();
  for (const joint of joints) {
    const { right, up, forward } = body[joint];
    const toViewer = forward * cos - right * sin;
    // A little is left over, so that a face in profile keeps its nose.
    if (face.has(joint) && toViewer < -0.01) continue;
    places.set(joint, {
      x: width / 2 - (right * cos + forward * sin) * unit,
      y: bottom + (toViewer * Math.sin(cameraPitch) - up * Math.cos(cameraPitch)) * unit,
    });
  }
  return places;
}

/** The poses of a sheet, row by row: down, left, right, up, or eight of them clockwise from down. */
export function sheetPoses(motion: Motion, frames: number, directions: 1 | 4 | 8): Pose[] {
  return headings[directions].flatMap((heading) =>
    Array.from({ length: frames }, (_, frame) => ({ motion, frame, frames, heading })),
  );
}

const headings: Readonly<Record<1 | 4 | 8, readonly number[]>> = {
  1: [0],
  4: [0, 90, 270, 180],
  8: [0, 45, 90, 135, 180, 225, 270, 315],
};
