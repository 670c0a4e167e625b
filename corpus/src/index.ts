export {
  CorpusError,
  CorpusGenerationError,
  CorpusOptionError,
  CorpusOutputError,
  CorpusToolMissingError,
  PopulationInvalidError,
} from './errors.js';
export { defaultSeed, generateCorpus, type GenerateOptions, type GenerationProgress } from './generate.js';
export { main } from './main.js';
export { type Manifest } from './population/manifest.js';
export { readPopulation, type Population } from './population/population.js';
export { type Directory, type PatientRecord } from './population/records.js';
export { loadPopulation, type LoadOptions, type LoadProgress, type LoadSummary } from './loader.js';
