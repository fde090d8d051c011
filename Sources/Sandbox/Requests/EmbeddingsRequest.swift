import Scanners

/// A request for embeddings.
struct EmbeddingsRequest {
    enum Format: String { case float, base64 }

    let model: String
    /// Numbers of each vector, from 1 to 8,192; nil for the model's own.
    let dimensions: Int?
    let format: Format
    /// Each input as JSON: a string, or a list of tokens. At most 2,048.
    let inputs: [ArraySlice<UInt8>]
    let tokens: Int

    init(_ body: [UInt8]) throws(SandboxError) {
        let scanner = try JSONScanner(Watch.list, readingObject: body)
        model = try scanner.model(Watch.model)
        guard let input = scanner.found(Watch.inputCount), input.kind == .string || input.kind == .array,
            !input.contentIsEmpty || input.kind == .string
        else { throw .missing("input") }
        if let kind = scanner.kind(Watch.dimensions), kind != .null {
            guard let value = scanner.integer(Watch.dimensions), (1...8192).contains(value) else {
                throw .invalid("Invalid parameter 'dimensions': must be an integer from 1 to 8192", param: "dimensions")
            }
            dimensions = Int(value)
        } else {
            dimensions = nil
        }
        guard let format = Format(rawValue: scanner.found(Watch.format)?.text ?? "float") else {
            throw .invalid("Invalid parameter 'encoding_format': must be float or base64", param: "encoding_format")
        }
        self.format = format

        let textTokens = SandboxText.tokens(ofBytes: scanner.textLength(Watch.input).utf8Bytes)
        if input.kind == .array, scanner.kind(Watch.element) != .number {
            inputs = JSONElements.ranges(in: body, of: input.range).map { body[$0] }
            tokens = textTokens + (scanner.found(Watch.elementCount)?.elements ?? 0)
        } else {
            inputs = [body[input.range]]
            tokens = input.kind == .array ? input.elements : textTokens
        }
        guard inputs.count <= 2048 else { throw .invalid("At most 2048 inputs", param: "input") }
    }

    /// Indices of the watched members in `list`.
    private enum Watch {
        static let model = 0
        static let input = 1
        static let inputCount = 2
        static let element = 3
        static let elementCount = 4
        static let format = 5
        static let dimensions = 6

        static let list = JSONPathSet([
            JSONPath("model"), JSONPath("input", .textLength), JSONPath("input", .count), JSONPath("input[]"),
            JSONPath("input[]", .count), JSONPath("encoding_format"), JSONPath("dimensions"),
        ])
    }
}
