/** JSON as YAML, for reading. */
import { isList, isObject, type Json } from "./schema";

const PLAIN = /^[A-Za-z_/.][\w ./*-]*$/;
const WORDS = new Set(["true", "false", "null", "yes", "no", "on", "off", "y", "n"]);

function scalar(value: Json): string {
  if (typeof value !== "string") return JSON.stringify(value);
  const isPlain = PLAIN.test(value) && !WORDS.has(value.toLowerCase()) && value.trim() === value;
  return isPlain ? value : JSON.stringify(value);
}

export function yaml(value: Json, indent = ""): string {
  if (isList(value)) {
    if (value.length === 0) return `${indent}[]\n`;
    return value.map((one) => item(one, indent)).join("");
  }
  if (!isObject(value)) return `${indent}${scalar(value)}\n`;
  const members = Object.entries(value);
  if (members.length === 0) return `${indent}{}\n`;
  return members.map(([name, one]) => `${indent}${scalar(name)}:${after(one, indent)}`).join("");
}

function isEmpty(value: Json): boolean {
  return (isList(value) && value.length === 0) || (isObject(value) && Object.keys(value).length === 0);
}

function after(value: Json, indent: string): string {
  const isInline = isEmpty(value) || !(isList(value) || isObject(value));
  if (isInline) return ` ${yaml(value).trimEnd()}\n`;
  return `\n${yaml(value, isList(value) ? indent : `${indent}  `)}`;
}

function item(value: Json, indent: string): string {
  return `${indent}- ${yaml(value, `${indent}  `).trimStart()}`;
}
