/// A model of the vendor's public catalogue, which the sandbox serves in addition to `sandbox:…`.
struct SandboxModel: Sendable {
    let id: String
    /// The context window in tokens.
    let contextTokens: Int
    /// Numbers of an embedding, unless the request has `dimensions`.
    let dimensions: Int

    private init(_ id: String, _ contextTokens: Int, dimensions: Int = 768) {
        self.id = id
        self.contextTokens = contextTokens
        self.dimensions = dimensions
    }

    /// The model of every `sandbox:…`.
    static let sandbox = SandboxModel("sandbox", 1_000_000)

    /// The model of the catalogue called `id`.
    static func named(_ id: String) -> SandboxModel? { byID[id] }

    private static let byID = Dictionary(uniqueKeysWithValues: all.map { ($0.id, $0) })

    static let all: [SandboxModel] = [
        SandboxModel("cogito:32b", 32_000),
        SandboxModel("gemma3:27b", 120_000),
        SandboxModel("glm-4.7-flash:30b", 120_000),
        SandboxModel("gpt-oss:120b", 120_000),
        SandboxModel("gpt-oss:20b", 120_000),
        SandboxModel("llama3.3:70b", 132_000),
        SandboxModel("ministral-3:14b", 250_000),
        SandboxModel("ministral-3:3b", 250_000),
        SandboxModel("ministral-3:8b", 250_000),
        SandboxModel("mistral-small3.2:24b", 128_000),
        SandboxModel("mistral-small4:119b", 262_144),
        SandboxModel("nemotron-3-super:120b", 1_000_000),
        SandboxModel("nemotron-cascade:30b", 1_000_000),
        SandboxModel("nemotron3-nano:30b", 1_000_000),
        SandboxModel("olmo-3:32b", 65_536),
        SandboxModel("olmo-3:7b", 65_536),
        SandboxModel("qwen3-2507-think:4b", 250_000),
        SandboxModel("qwen3-2507:235b", 200_000),
        SandboxModel("qwen3-omni:30b", 32_768),
        SandboxModel("qwen3.5:0.8b", 250_000),
        SandboxModel("qwen3.5:4b", 250_000),
        SandboxModel("qwen3.5:9b", 250_000),
        SandboxModel("qwen3.6:27b", 1_000_000),
        SandboxModel("qwen3:0.6b", 40_000),
        SandboxModel("devstral-small-2:24b", 200_000),
        SandboxModel("functiongemma:270m", 32_768),
        SandboxModel("qwen-coder-next:80b", 250_000),
        SandboxModel("qwen3-next:80b", 250_000),
        SandboxModel("qwen3.6:35b", 1_000_000),
        SandboxModel("rnj-1:8b", 32_000),
        SandboxModel("deepseek-ocr", 8_192),
        SandboxModel("gemma4:31b", 250_000),
        SandboxModel("gemma4:e2b", 128_000),
        SandboxModel("gemma4:e4b", 128_000),
        SandboxModel("granite3.2-vision:2b", 16_384),
        SandboxModel("qwen3-vl:235b", 200_000),
        SandboxModel("qwen3-vl:2b", 250_000),
        SandboxModel("qwen3-vl:30b", 250_000),
        SandboxModel("qwen3-vl:32b", 250_000),
        SandboxModel("qwen3-vl:4b", 250_000),
        SandboxModel("qwen3-vl:8b", 250_000),
        SandboxModel("bge-m3:567m", 8_192, dimensions: 1024),
        SandboxModel("embeddinggemma:300m", 2_048),
        SandboxModel("granite-embedding:278m", 512),
        SandboxModel("qwen3-embedding:0.6b", 32_768, dimensions: 1024),
        SandboxModel("qwen3-embedding:4b", 40_000, dimensions: 2560),
        SandboxModel("qwen3-embedding:8b", 40_000, dimensions: 4096),
        SandboxModel("bge-reranker-large", 512),
        SandboxModel("nvidia/llama-nemotron-rerank-vl-1b-v2", 4_096),
        SandboxModel("qwen3-reranker:0.6b", 4_096),
        SandboxModel("qwen3-reranker:4b", 4_096),
        SandboxModel("granite3-guardian:2b", 8_192),
        SandboxModel("granite3-guardian:8b", 8_192),
        SandboxModel("translategemma:12b", 128_000),
        SandboxModel("translategemma:27b", 120_000),
        SandboxModel("translategemma:4b", 128_000),
        SandboxModel("voxtral", 32_768),
        SandboxModel("z-image:16b", 0),
    ]
}
