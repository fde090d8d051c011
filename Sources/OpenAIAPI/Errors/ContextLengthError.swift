import Bytes
import Scanners

/// Errors of upstreams about a request with more tokens than its model takes. Engines say it in words of their own; clients that
/// shorten their history and try again, as coding agents do, look for one code.
package enum ContextLengthError {
    /// The code that clients look for, in `error.code`.
    package static let code = "context_length_exceeded"
    /// The most bytes of an error that is looked into.
    package static let byteLimit = 64 << 10

    /// Returns true for a status with which an engine may say it.
    package static func mayHaveStatus(_ status: Int) -> Bool {
        switch status {
        case 400, 413, 422, 500: true
        default: false
        }
    }

    /// Parts of what engines say in `message` or `type`, in lower case.
    private static let phrases: [BytePattern] = [
        // vLLM, in the words of OpenAI, and before its context is known to it.
        "maximum context length", "context length is only", "longer than the maximum model length",
        "too long to fit into the model",
        // OpenAI's Responses API.
        "exceeds the context window",
        // Ollama, for chats and for embeddings.
        "exceeds the context length", "exceeded max context length",
        // llama.cpp, also behind Ollama.
        "exceeds the available context size", "exceed_context_size_error",
        // SGLang.
        "longer than the model's context length",
        // Text Generation Inference.
        "`inputs` tokens + `max_new_tokens` must be <=",
        // Anthropic's API.
        "prompt is too long:",
    ].compactMap { BytePattern(Array($0.utf8)) }

    /// Returns true if an engine says it in one of `texts`.
    static func isSaid(in texts: [String]) -> Bool {
        texts.contains { text in
            let text = text.utf8.map(ASCII.lowercased)
            return phrases.contains { $0.firstIndex(in: text.span, from: 0) != nil }
        }
    }

    private static let nested = 0
    private static let paths = JSONPathSet(
        ["error", "error.message", "error.type", "error.code", "message", "type", "code"].map { JSONPath($0) },
        captureLimit: 4096)

    /// `body` with the code, where it is an error about the length of the context that has another code or none; nil for every
    /// other body. All other bytes stay.
    package static func coded(_ body: [UInt8]) -> [UInt8]? {
        guard body.count <= byteLimit else { return nil }
        var scanner = JSONScanner(paths)
        do throws(JSONError) {
            try scanner.scan(body.span)
            try scanner.finish()
        } catch { return nil }
        // vLLM of before 2025 has the members of `error` at the top.
        let error = scanner.found(nested)
        guard error == nil || error?.kind == .object else { return nil }
        let first = error == nil ? 4 : 1
        guard isSaid(in: [first, first + 1].compactMap { scanner.string($0) }) else { return nil }
        let place = first + 2
        guard scanner.string(place) != code else { return nil }
        let value = "\"\(code)\""
        if let old = scanner.found(place)?.range {
            return body[..<old.lowerBound] + Array(value.utf8) + body[old.upperBound...]
        }
        let start = error.map { $0.range.lowerBound + 1 } ?? scanner.contentStart ?? 1
        return body[..<start] + Array("\"code\":\(value),".utf8) + body[start...]
    }
}
