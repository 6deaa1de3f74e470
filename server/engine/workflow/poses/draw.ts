import { createImage, type RgbaImage } from "../../../sprite/image.ts";
import { poseJoints, type Point, type Pose } from "./pose.ts";
import { colors, joints, limbs } from "./skeleton.ts";

type Color = readonly [red: number, green: number, blue: number];

/** Half a limb's width and a joint's radius: 4 pixels at the 512 that poses were drawn at for training. */
const thickness = 4 / 512;
const limbShade = 0.6;

/**
 * The pose as a picture of coloured limbs and joints on black, as ControlNet's pose models know it: each limb an
 * ellipse of its colour at 60 %, each joint a disc over them, every pixel of one colour or the other.
 */
export function drawPose(pose: Pose, width: number, height: number): RgbaImage {
  const image = createImage(width, height);
  for (let at = 3; at < image.data.length; at += 4) image.data[at] = 255;
  const radius = Math.max(1, thickness * Math.min(width, height));
  const found = poseJoints(pose, width, height);
  for (const [i, [from, to]] of limbs.entries()) {
    const [a, b] = [found.get(from), found.get(to)];
    if (a && b) fillEllipse(image, a, b, radius, shaded(colors[i]));
  }
  for (const [i, joint] of joints.entries()) {
    const at = found.get(joint);
    if (at) fillEllipse(image, at, at, radius, colors[i] ?? [255, 255, 255]);
  }
  return image;
}

function shaded([red, green, blue]: Color = [255, 255, 255]): Color {
  return [Math.floor(red * limbShade), Math.floor(green * limbShade), Math.floor(blue * limbShade)];
}

/** An ellipse whose long axis goes from `a` to `b`, at least a disc of `radius` (pixels). */
function fillEllipse(image: RgbaImage, a: Point, b: Point, radius: number, color: Color): void {
  const half = Math.max(radius, Math.hypot(b.x - a.x, b.y - a.y) / 2);
  const angle = Math.atan2(b.y - a.y, b.x - a.x);
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const middle = { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
  const end = (center: number, limit: number) => Math.min(limit - 1, Math.floor(center + half));
  for (let y = Math.max(0, Math.ceil(middle.y - half)); y <= end(middle.y, image.height); y++) {
    for (let x = Math.max(0, Math.ceil(middle.x - half)); x <= end(middle.x, image.width); x++) {
      const [dx, dy] = [x - middle.x, y - middle.y];
      const along = (dx * cos + dy * sin) / half;
      const across = (dy * cos - dx * sin) / radius;
      if (along * along + across * across <= 1) image.data.set(color, (y * image.width + x) * 4);
    }
  }
}
