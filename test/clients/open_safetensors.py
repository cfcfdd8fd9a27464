"""Opens a safetensors file and reads every tensor: open_safetensors.py FILE. Prints their number."""

import sys

from safetensors import safe_open

with safe_open(sys.argv[1], framework="numpy") as file:
    names = list(file.keys())
    parameters = sum(file.get_tensor(name).size for name in names)
if parameters == 0:
    raise SystemExit("the file holds no parameters")
print(f"{len(names)} tensors, {parameters} parameters")
