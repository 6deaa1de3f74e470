import { teeth, angryBrow, horns, mouth, crown } from "./faces.ts";
import { ink, material, speckled, stuff, type Look } from "../look.ts";
import { limb, path, smooth, type Point } from "../shapes.ts";
import type { Pen } from "../pen.ts";
import type { SubjectDrawing } from "./subject.ts";

const slime: SubjectDrawing = {
  colors: ["#58b368", "#4a9ae6", "#d65aa0", "#8f5ad6", "#e0963a", "#48c8c0"],
  gloss: 1,
  motion: "squash",
  draw: (pen, look) => {
    const gel = look.main();
    const wide = look.has("fat") ? 0.47 : 0.42 + look.random.between(-0.02, 0.03);
    const tall = look.has("thin") ? 0.42 : 0.34;
    const bottom = 0.93;
    pen.ball(0.5, bottom - 0.09, wide, 0.12, gel);
    const dome: Point[] = [];
    for (let i = 0; i <= 24; i += 1) {
      const angle = Math.PI * (i / 24);
      dome.push([0.5 - Math.cos(angle) * wide * 0.93, bottom - 0.08 - Math.sin(angle) ** 0.8 * (tall + 0.2)]);
    }
    pen.tube(
      smooth([
        [0.5, bottom - 0.2, wide * 0.86],
        [0.5, bottom - 0.36, wide * 0.66],
        [0.5 + look.random.between(-0.03, 0.03), bottom - tall - 0.3, 0.05],
      ]),
      gel,
      { soft: true },
    );
    const y = bottom - 0.3;
    const eyes = look.has("evil") ? look.eyes : { white: [250, 250, 246] as const, pupil: ink };
    pen.mirror(() => {
      pen.eye(0.35, y, look.has("cute") ? 0.075 : 0.06, eyes, [0.2, 0.1]);
      angryBrow(pen, 0.35, y - 0.09, 0.07, look);
    });
    mouth(pen, 0.5, y + 0.12, 0.09, look);
    if (pen.size > 20) {
      // light caught inside the gel
      const glint = look.main().ramp.glint;
      pen.dot(0.3, y - 0.17, glint);
      pen.dot(0.3 + pen.pixel, y - 0.17, glint);
      pen.dot(0.3, y - 0.17 + pen.pixel, glint);
      for (let i = 0; i < 3; i += 1) {
        pen.dot(look.random.between(0.25, 0.75), look.random.between(y + 0.16, y + 0.22), look.main().ramp.tones[4]);
      }
    }
    if (look.with("crown", "royal")) crown(pen, 0.5, bottom - tall - 0.27, 0.16);
  },
};

const ghost: SubjectDrawing = {
  colors: ["#e4e8f6", "#c9d8f2", "#d8ccf0"],
  motion: "float",
  draw: (pen, look) => {
    const cloth = look.main({ contrast: 0.8 });
    const folds = look.random.integer(3, 4);
    pen.tube(limb("0.5 0.38 0.33, 0.5 0.72 0.35"), cloth);
    for (let i = 0; i < folds; i += 1) {
      const x = 0.5 + ((i + 0.5) / folds - 0.5) * 0.66;
      pen.tube(
        [
          [x, 0.7, 0.34 / folds],
          [x + look.random.between(-0.03, 0.03), 0.85 + (i % 2) * 0.05, 0.3 / folds],
        ],
        cloth,
        { soft: true },
      );
    }
    pen.mirror(() => {
      pen.tube(limb("0.22 0.55 0.07, 0.1 0.62 0.05"), cloth, { soft: true });
      pen.ball(0.385, 0.38, 0.065, 0.09, material(look.has("evil") ? "#a02030" : "#2b2740"), { soft: true });
      pen.dot(0.375, 0.35, [240, 240, 255]);
    });
    pen.ball(0.5, 0.57, 0.06, look.has("sad") ? 0.04 : 0.07, material("#2b2740"), { soft: true });
  },
};

const eyeball: SubjectDrawing = {
  colors: ["#b0485a", "#7d4bb0", "#5a8f4a"],
  gloss: 0.7,
  motion: "float",
  draw: (pen, look) => {
    const hide = look.main();
    for (let i = 0; i < 7; i += 1) {
      const angle = Math.PI * (1.08 + (i / 6) * 0.84);
      const [x, y] = [0.5 + Math.cos(angle) * 0.43, 0.52 + Math.sin(angle) * 0.43];
      pen.tube(
        [
          [0.5 + Math.cos(angle) * 0.28, 0.52 + Math.sin(angle) * 0.28, 0.03],
          [x, y, 0.024],
        ],
        hide,
      );
      pen.ball(x, y, 0.045, 0.045, look.shade("eyes", { l: 0.2 }));
    }
    pen.ball(0.5, 0.56, 0.35, 0.35, hide);
    pen.ball(0.5, 0.52, 0.22, 0.21, stuff.white, { soft: true });
    pen.ball(0.5, 0.53, 0.12, 0.12, look.part("eyes", material("#d9a02e")), { soft: true });
    pen.tube(limb("0.5 0.47 0.035, 0.5 0.59 0.035"), material("#241a28"), { soft: true });
    pen.dot(0.44, 0.46, [255, 255, 255]);
    if (pen.size > 18) teeth(pen, [0.34, 0.78], [0.66, 0.78], 5, 0.06);
  },
};

/** An invented body: lobes grown on both sides of a spine, so that no two seeds are alike. */
const monster: SubjectDrawing = {
  colors: ["#7d4bb0", "#c8485a", "#4a9a5a", "#3f7fc0", "#c88a2e", "#5a5870"],
  motion: "bob",
  draw: (pen, look) => {
    const { random } = look;
    const golem = look.kind === "golem";
    const hide = golem ? look.main({ texture: speckled(random.integer(0, 999), 2.6, 1.1) }) : look.main();
    const pale = look.part("belly", look.shade("belly", { l: 0.15, c: 0.7 }));
    const wide = golem ? 0.3 : random.between(0.22, 0.32) + (look.has("fat") ? 0.06 : 0);
    const headless = !golem && random.chance(0.5);
    if (look.has("winged") || look.kind === "demon" || look.kind === "imp" || look.kind === "devil") {
      const membrane = look.shade("wings", { l: -0.14 });
      pen.mirror(() =>
        pen.plate(path("0.4 0.5, 0.2 0.2, 0.01 0.26, 0.04 0.5, 0.12 0.46, 0.16 0.62, 0.26 0.56"), membrane, {
          bevel: 0.04,
        }),
      );
    }
    // legs and arms
    pen.mirror(() => {
      pen.tube(limb("0.38 0.74 0.09, 0.35 0.9 0.075"), hide);
      pen.tube(limb("0.35 0.925 0.05, 0.28 0.93 0.045"), hide, { soft: true });
      const reach = random.between(0, 0);
      pen.tube(
        smooth([
          [0.5 - wide + 0.04, 0.52, golem ? 0.1 : 0.065],
          [0.5 - wide - 0.1, 0.6 + reach, golem ? 0.1 : 0.06],
          [0.5 - wide - 0.09, 0.74, golem ? 0.11 : 0.065],
        ]),
        hide,
      );
    });
    pen.tube(
      smooth([
        [0.5, 0.42, wide * 0.9],
        [0.5, 0.58, wide],
        [0.5, 0.74, wide * 0.86],
      ]),
      hide,
    );
    pen.ball(0.5, 0.7, wide * 0.62, 0.15, pale, { soft: true });
    const headY = headless ? 0.4 : 0.3;
    if (!headless) pen.ball(0.5, headY, golem ? 0.19 : wide * 0.85, 0.19, hide);
    const spikes =
      look.kind === "demon" ||
      look.kind === "devil" ||
      look.kind === "imp" ||
      look.has("horned") ||
      look.has("evil") ||
      random.chance(0.6);
    if (spikes && !golem) horns(pen, look, 0.5 - wide * 0.55, headY - 0.12, 0.2);
    else if (!golem) pen.mirror(() => pen.ball(0.5 - wide * 0.75, headY - 0.14, 0.07, 0.08, hide));
    face(pen, look, headY, wide, golem);
  },
};

function face(pen: Pen, look: Look, y: number, wide: number, golem: boolean): void {
  const { random } = look;
  if (golem) {
    pen.mirror(() => {
      pen.tube(
        [
          [0.33, y - 0.05, 0.03],
          [0.47, y - 0.02, 0.03],
        ],
        look.shade(null, { l: -0.2 }),
        { soft: true },
      );
      pen.ball(0.41, y + 0.03, 0.05, 0.035, material("#2b2730"), { soft: true });
      pen.dot(0.41, y + 0.03, look.said("eyes") === null ? [255, 214, 110] : look.eyes.pupil);
    });
    return;
  }
  const single = random.chance(0.25) && !look.has("cute");
  if (single) pen.eye(0.5, y - 0.01, 0.11, look.eyes);
  else {
    pen.mirror(() => {
      pen.eye(0.5 - wide * 0.42, y - 0.01, look.has("cute") ? 0.085 : 0.062, look.eyes, [0.25, 0]);
      angryBrow(pen, 0.5 - wide * 0.42, y - 0.09, 0.06, look);
    });
  }
  if (pen.size > 20 && !look.has("cute") && random.chance(0.75)) {
    pen.tube(
      [
        [0.5 - wide * 0.5, y + 0.15, 0.035],
        [0.5 + wide * 0.5, y + 0.15, 0.035],
      ],
      material("#3a1a28"),
      { soft: true },
    );
    teeth(pen, [0.5 - wide * 0.5, y + 0.12], [0.5 + wide * 0.5, y + 0.12], 4, 0.055);
  } else mouth(pen, 0.5, y + 0.13, wide * 0.4, look);
}

const skull: SubjectDrawing = {
  colors: ["#e2d9bd", "#d8d6d0"],
  motion: "float",
  draw: (pen, look) => {
    const bone = look.main();
    const hole = material("#2b2230");
    pen.tube(limb("0.42 0.74 0.13, 0.58 0.74 0.13"), bone);
    pen.ball(0.5, 0.42, 0.38, 0.34, bone, { soft: true });
    pen.mirror(() => {
      pen.ball(0.34, 0.47, 0.115, 0.12, hole, { soft: true });
      if (look.has("evil") || look.has("magic") || look.has("burning"))
        pen.ball(0.35, 0.48, 0.045, 0.045, look.part("eyes", material("#e2482a")), { soft: true });
    });
    pen.plate(path("0.5 0.58, 0.45 0.68, 0.55 0.68"), hole, { soft: true });
    for (const x of [0.4, 0.5, 0.6])
      pen.tube(
        [
          [x, 0.78, 0.01],
          [x, 0.88, 0.01],
        ],
        hole,
        { soft: true },
      );
  },
};

export const monsters = { slime, ghost, eye: eyeball, monster, skull } as const satisfies Record<
  string,
  SubjectDrawing
>;
