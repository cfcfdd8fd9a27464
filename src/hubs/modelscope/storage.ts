import type { Storage } from '../../model/file.ts'
import type { RepoPath } from '../../model/path.ts'
import type { RepoType } from '../../model/repo.ts'
import { fileExtension, fileName } from '../file-extension.ts'
import { words } from '../words.ts'

/** Above it the hub recommends LFS (docs, models/upload.md); larger contents inside a commit are not known to pass. */
export const plainFileBytes = 5 * 1024 * 1024

/** Any file above is sent as LFS. Source: modelscope hub/constants.py (UPLOAD_SIZE_THRESHOLD_TO_ENFORCE_LFS). */
const lfsBytes = 1024 * 1024

const bothExtensions = `.7z .arrow .bin .bz2 .ftz .gz .h5 .joblib .msgpack .npy .npz .ot .parquet .pb .pickle .pkl .rar
  .tar .tgz .wasm .zip .zst`

/** Source: modelscope utils/repo_utils.py (MODEL_LFS_SUFFIX, DATASET_LFS_SUFFIX). */
const lfsExtensions: Readonly<Record<RepoType, ReadonlySet<string>>> = {
  model: new Set(words(`${bothExtensions} .ckpt .mlmodel .model .onnx .pt .pth .safetensors .tflite .xz`)),
  dataset: new Set(
    words(`${bothExtensions} .aac .audio .bmp .flac .gif .jack .jpeg .jpg .jsonl .lz4 .pcm .raw .sam .wav
    .webm .webp .tiff .mp3 .mp4 .ogg`),
  ),
}

/** Never LFS: the hub reads them. Source: modelscope_hub constants.py. */
const alwaysInline: ReadonlySet<string> = new Set([
  ...['README.md', '.gitattributes', '.gitignore', 'configuration.json', 'configuration.yaml'],
  ...['configuration.yml', 'config.json', 'dataset_infos.json', '.msc', '.mdl'],
])

/** The client's choice on this hub: LFS above 1 MiB and for the SDK's suffixes; never for empty files. */
export function modelScopeStorage(type: RepoType, path: RepoPath, size: number): Storage {
  if (size === 0) return 'git'
  if (alwaysInline.has(fileName(path))) return size > plainFileBytes ? 'lfs' : 'git'
  return size > lfsBytes || lfsExtensions[type].has(fileExtension(path)) ? 'lfs' : 'git'
}
