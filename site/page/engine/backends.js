// Where tensors are computed: in this thread, by WebAssembly, or on a graphics processor.

import * as tf from "@tensorflow/tfjs-core";
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import simd from "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm";

// Begin to use "wasm", "webgpu" or "webgl".
export async function use(backend) {
  if (backend === "webgpu") await import("./webgpu.js");
  if (backend === "webgl") await import("./webgl.js");
  if (backend === "wasm") {
    tf.env().set("WASM_HAS_MULTITHREAD_SUPPORT", false); // pages are seldom allowed to share memory
    const none = "every browser that can unpack the weights has SIMD";
    setWasmPaths({
      "tfjs-backend-wasm-simd.wasm": new URL(simd, import.meta.url).href,
      "tfjs-backend-wasm-threaded-simd.wasm": none,
      "tfjs-backend-wasm.wasm": none,
    });
  }
  if (!(await tf.setBackend(backend))) throw new Error(`There is no ${backend} here.`);
}

// "webgpu" or "webgl", if that is a graphics processor; null if not, or if software plays one.
export async function graphics() {
  try {
    const adapter = await self.navigator.gpu?.requestAdapter();
    if (adapter && !(adapter.isFallbackAdapter ?? adapter.info?.isFallbackAdapter)) {
      return /swiftshader|llvmpipe|software/i.test(nameOf(adapter.info)) ? null : "webgpu";
    }
  } catch {
    // WebGL, then
  }
  const canvas = new OffscreenCanvas(1, 1);
  const context = canvas.getContext("webgl2", { failIfMajorPerformanceCaveat: true });
  const names = context?.getExtension("WEBGL_debug_renderer_info");
  const name = names ? context.getParameter(names.UNMASKED_RENDERER_WEBGL) : "";
  context?.getExtension("WEBGL_lose_context")?.loseContext();
  return !context || /swiftshader|llvmpipe|software|basic render/i.test(name) ? null : "webgl";
}

const nameOf = (info) => `${info?.vendor} ${info?.architecture} ${info?.device} ${info?.description}`;
