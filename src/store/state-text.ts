import { sealJson, unsealJson } from './sealed-json.ts'
import type { State } from './state.ts'
import { type Shaped, shapeState } from './state-shape.ts'

/** The text of a state file, within the bounds of state-shape.ts. */
export const stateText = (state: State): string => {
  const { version, ...rest } = shapeState({ ...state }).state
  return sealJson({ version, ...rest })
}

/** The state in a text, or why there is none in it. */
export const readStateText = (text: string): Shaped | string => {
  const document = unsealJson(text)
  return typeof document === 'string' ? document : shapeState(document)
}
