/** The version of package.json; `npm run check` holds the two together. */
export const version = '0.1.0'

/** As plans, reports and commit trailers name us. */
export const tool = `model-hub-sync/${version}`
