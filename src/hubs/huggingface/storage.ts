import type { RepoPath } from '../../model/path.ts'
import type { StorageChoice } from '../../model/profile.ts'
import type { RepoType } from '../../model/repo.ts'
import { fileExtension, fileName } from '../file-extension.ts'
import { words } from '../words.ts'

/** Regular files may not be larger. Source: hub-docs, storage-limits.md. */
export const plainFileBytes = 10 * 1024 * 1024

/** Extensions of the `.gitattributes` that Hugging Face puts into a new model. */
const modelExtensions = `.7z .arrow .bin .bz2 .ckpt .ftz .gz .h5 .joblib .mlmodel .model .msgpack .npy .npz .onnx .ot
  .parquet .pb .pickle .pkl .pt .pth .rar .safetensors .tar .tflite .tgz .wasm .xz .zip .zst`

/** What the `.gitattributes` of a new dataset has besides. */
const datasetExtensions = `.lz4 .mds .pcm .sam .raw .aac .flac .mp3 .ogg .wav .bmp .gif .png .tiff .jpg .jpeg .webp
  .mp4 .webm`

/** Binary for certain: the hub wants binaries as LFS in every repo and writes the attribute itself (storage-limits.md). */
const binaryExtensions = `.gguf .ggml .pdf .ico .avif .heic .tif .mov .avi .mkv .m4a .opus .ttf .otf .woff .woff2 .exe
  .dll .so .dylib .jar .class .pyc .whl .db .sqlite .sqlite3 .feather .orc .avro .mat .nc .hdf5 .lmdb .engine .plan .trt`

const lfsExtensions: ReadonlySet<string> = new Set(
  words([modelExtensions, datasetExtensions, binaryExtensions].join(' ')),
)

/** Text for certain: everything else is looked at, since the hub refuses binaries that are no LFS, whatever their name. */
const textExtensions: ReadonlySet<string> = new Set(
  words(`.md .txt .json .jsonl .yaml .yml .toml .ini .cfg .conf .csv .tsv .py .ipynb .js .ts .html .css .xml .svg .sh .tex .rst
  .jinja .j2 .gitignore .gitattributes .c .h .cpp .hpp .cu .java .go .rs .rb .lua .r .m .sql .proto .license .log .tmpl`),
)

/**
 * LFS above 10 MiB and for the hub's own patterns; never for empty files (its storage refuses 0-byte objects with 501). What is
 * neither LFS nor text by its name is told by its content, as the hub does with the first bytes of every file (preupload).
 */
export function huggingFaceStorage(_type: RepoType, path: RepoPath, size: number): StorageChoice {
  if (size === 0) return 'git'
  if (size > plainFileBytes || lfsExtensions.has(fileExtension(path))) return 'lfs'
  const name = fileName(path)
  const byPattern = path.startsWith('saved_model/') || name.includes('tfevents') || /\.tar\./.test(name)
  if (byPattern) return 'lfs'
  return textExtensions.has(fileExtension(path)) ? 'git' : 'by-content'
}
