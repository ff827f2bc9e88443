import { jobVariants } from "./job-variants.ts";
import { mutationVariants } from "./mutation-variants.ts";
import { schedulingVariants } from "./scheduling-variants.ts";
import { storageVariants } from "./storage-variants.ts";
import type { Variant } from "./variant.ts";
import { runVariants } from "./run-variants.ts";

/** Every broken variant of the engine that the simulation must catch. */
export const variants: readonly Variant[] = [
  ...storageVariants,
  ...mutationVariants,
  ...runVariants,
  ...schedulingVariants,
  ...jobVariants,
];

/** @throws Error when there is none of this name */
export function findVariant(name: string): Variant {
  const found = variants.find((variant) => variant.name === name);
  if (!found)
    throw new Error(`there is no variant "${name}"; there are: ${variants.map((own) => own.name).join(", ")}`);
  return found;
}
