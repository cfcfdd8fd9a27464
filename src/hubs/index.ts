import type { HubSettings } from '../config/rule.ts'
import type { Context } from '../context.ts'
import type { HubType } from '../model/profile.ts'
import { createGit } from './git/create-git.ts'
import { createGitCode } from './gitcode/create-gitcode.ts'
import { createGitHub } from './github/create-github.ts'
import type { Hub } from './hub.ts'
import { createHuggingFace } from './huggingface/create-huggingface.ts'
import { createModelers } from './modelers/create-modelers.ts'
import { createModelScope } from './modelscope/create-modelscope.ts'

/** Every kind of hub there is, and how it is made. */
const hubTypes: Readonly<Record<HubType, (context: Context, settings: HubSettings) => Hub>> = {
  huggingface: createHuggingFace,
  modelscope: createModelScope,
  modelers: createModelers,
  gitcode: createGitCode,
  github: createGitHub,
  git: createGit,
}

/** The hub that the settings describe. Sends nothing. */
export function createHub(context: Context, settings: HubSettings): Hub {
  return hubTypes[settings.type](context, settings)
}
