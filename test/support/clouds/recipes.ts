import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { StageSettings } from '../programs/stage-config.ts';
import { projectRoot } from '../sources/imports.ts';

export const RECIPES = ['aws', 'google', 'azure', 'vault', 'kubernetes'] as const;

/** Whoever is an engineer may have whatever a recipe offers. */
const POLICY =
  '@id("recipes") permit (principal in Group::"engineers", action == Action::"activate", resource);';

/** What jit.yaml has in the recipes, word for word as it stands there. */
export async function readRecipes(): Promise<Pick<StageSettings, 'policies' | 'more'>> {
  const parts = await Promise.all(RECIPES.map(readRecipe));
  return {
    policies: { 'recipes.cedar': POLICY },
    more: {
      scopes: parts.map(({ scopes }) => scopes).join('\n'),
      targets: parts.map(({ targets }) => targets).join('\n'),
    },
  };
}

async function readRecipe(name: string): Promise<{ readonly scopes: string; readonly targets: string }> {
  const text = await readFile(join(projectRoot, 'docs/recipes', `${name}.md`), 'utf8');
  const [, scopes, targets] = /```yaml\nscopes:\n(.*?)\ntargets:\n(.*?)\n```/s.exec(text) ?? [];
  if (scopes === undefined || targets === undefined)
    throw new Error(`docs/recipes/${name}.md has no jit.yaml`);
  return { scopes, targets };
}
