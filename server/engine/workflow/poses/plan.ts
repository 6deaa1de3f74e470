import { subjectOf } from "../../../project/presets.ts";
import type { EngineModels } from "../../../protocol/engine-info.ts";
import type { EngineRequest } from "../../../protocol/sprite-request.ts";
import type { Workflow } from "../catalog.ts";
import { firstMatch } from "../model-match.ts";
import type { Motion } from "./motion.ts";
import { sheetPoses, type Pose } from "./pose.ts";

/** The poses a sheet is drawn over. */
export interface PosePlan {
  /** Row by row: direction, then frame. */
  readonly poses: readonly Pose[];
  /** Size of each picture, in pixels. */
  readonly size: { readonly width: number; readonly height: number };
  /** What a person should know of it. */
  readonly note: string;
}

/** A subject with two arms and two legs that stands upright; a skeleton bends anything else out of shape. */
const figures =
  /\b(?:(?:wo)?man|person|human|boy|girl|guy|lady|child|kid|villager|farmer|king|queen|prince|princess|knight|warrior|fighter|soldier|guard|paladin|barbarian|viking|samurai|ninja|archer|ranger|hunter|rogue|thief|assassin|pirate|bandit|wizard|witch|mage|sorcerer|sorceress|warlock|necromancer|priest|priestess|cleric|monk|druid|bard|healer|merchant|blacksmith|hero|heroine|adventurer|explorer|astronaut|robot|android|cyborg|zombie|skeleton|vampire|mummy|goblin|orc|troll|ogre|elf|dwarf|gnome|demon|angel|character|npc|player)$/i;

/** What a figure has or where it is comes after these; what it is, before. */
const details = /[,;.]|\b(?:with|without|holding|wearing|wielding|carrying|in|on|at|of|from|and|who|that)\b/i;

/** Words that say how it is shown, and nothing of what it is. */
const manner =
  /\b(?:(?:side|front|back|three-quarter) view|facing (?:\w+)|sprite|sheet|animation|cycle|loop|walk(?:s|ing)?|march(?:es|ing)?|strid(?:es|ing)|idl(?:e|es|ing)|stand(?:s|ing)?|breath(?:es|ing)|waiting)\b/gi;

const standing = /\b(?:idl(?:e|es|ing)|stand(?:s|ing)?|breath(?:es|ing)|waiting)\b/i;
const otherActions =
  /\b(?:(?:attack|run|jump|leap|cast|shoot|slash|stab|swing|swim|climb|crawl|crouch|sit|sleep|fall|roll|spin|hit|hurt|punch|kick|fight)(?:[a-z]?ing|s|es)?|fl(?:y|ies|ying)|d(?:ies?|ying|eath|ead)|danc(?:es?|ing)|rid(?:es?|ing))\b/i;

/**
 * The poses for a sheet, or null where none help: when it is a single picture, shows no walking or standing figure,
 * or the workflow follows no poses, or the engine has no ControlNet for them.
 */
export function planPoses(workflow: Workflow, request: EngineRequest, models: EngineModels): PosePlan | null {
  const { frames, directions } = request;
  if (frames === 1 && directions === 1) return null;
  const patterns = workflow.slots.models.controlnet ?? [];
  const followed = workflow.slots.parts.some((part) => part.when.field === "controlnet" && part.slots.pose);
  const controlnet = followed ? firstMatch(patterns, models.controlnets) : null;
  const motion = motionOf(subjectOf(request.prompt), frames);
  if (controlnet === null || motion === null) return null;
  const cycle = frames === 1 ? "standing" : motion === "walk" ? "a walk cycle" : "an idle cycle";
  return {
    poses: sheetPoses(motion, frames, directions),
    size: request.render,
    note: `Follows the poses of a figure, ${cycle}, with the ControlNet ${controlnet}. Another workflow leaves them out.`,
  };
}

/** How the subject of a prompt moves: one that says nothing of it walks. Null when it is no figure, or does else. */
function motionOf(subject: string, frames: number): Motion | null {
  // The last word is the thing itself: a knight's sword and a robot dog are no figures.
  const thing = (subject.split(details)[0] ?? "").replaceAll(manner, " ").trim();
  if (!figures.test(thing) || otherActions.test(subject)) return null;
  return frames === 1 || standing.test(subject) ? "idle" : "walk";
}
