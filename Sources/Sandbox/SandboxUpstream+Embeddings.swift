import Scanners

/// `POST /v1/embeddings`.
extension SandboxUpstream {
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

    func embeddings(_ call: Call) throws(SandboxRefusal) -> SandboxAnswer {
        let body = call.request.body
        var scanner = JSONScanner(Watch.list)
        do throws(JSONError) {
            try scanner.scan(body.span)
            try scanner.finish()
        } catch { throw .invalid(error.message) }
        guard scanner.topLevel == .object else { throw .invalid("The body must be a JSON object.") }
        guard let name = scanner.found(Watch.model)?.text, !name.isEmpty else { throw .missing("model") }
        let (model, behaviour) = try model(name)
        guard let input = scanner.found(Watch.inputCount), input.kind == .string || input.kind == .array,
            !input.contentIsEmpty || input.kind == .string
        else { throw .missing("input") }
        var dimensions = model.dimensions
        if let kind = scanner.kind(Watch.dimensions), kind != .null {
            guard let value = scanner.integer(Watch.dimensions), (1...8192).contains(value) else {
                throw .invalid("Invalid parameter 'dimensions': must be an integer from 1 to 8192", param: "dimensions")
            }
            dimensions = Int(value)
        }
        let format = scanner.found(Watch.format)?.text ?? "float"
        guard format == "float" || format == "base64" else {
            throw .invalid("Invalid parameter 'encoding_format': must be float or base64", param: "encoding_format")
        }

        let texts: [ArraySlice<UInt8>]
        var tokens = SandboxText.tokens(ofBytes: scanner.textLength(Watch.input).utf8Bytes)
        if input.kind == .array, scanner.kind(Watch.element) != .number {
            texts = JSONElements.ranges(in: body, of: input.range).map { body[$0] }
            tokens += scanner.found(Watch.elementCount)?.elements ?? 0
        } else {
            texts = [body[input.range]]
            if input.kind == .array { tokens = input.elements }
        }
        guard texts.count <= 2048 else { throw .invalid("At most 2048 inputs", param: "input") }
        let promptTokens = behaviour.promptTokens ?? tokens

        var json = JSONOutput(capacity: 256 + texts.count * dimensions * (format == "float" ? 10 : 6))
        json.raw(#"{"object":"list","#)
        appendIdentity(id("embd-", call.number), behaviour, to: &json)
        json.raw(#""model":"#)
        json.string(name)
        json.raw(#","data":["#)
        for (index, text) in texts.enumerated() {
            if index > 0 { json.raw(",") }
            json.raw(#"{"object":"embedding","index":"#)
            json.integer(index)
            json.raw(#","embedding":"#)
            let vector = EmbeddingVector(text, dimensions: dimensions)
            if format == "float" { vector.appendNumbers(to: &json) } else { vector.appendBase64(to: &json) }
            json.raw("}")
        }
        json.raw("]")
        if behaviour.usage != .none {
            json.raw(#","usage":{"prompt_tokens":"#)
            json.integer(promptTokens)
            json.raw(#","total_tokens":"#)
            json.integer(promptTokens)
            json.raw("}")
        }
        json.raw("}")
        var usage = SandboxUsage()
        usage.promptTokens = promptTokens
        bill(usage, call, model: name, behaviour)
        return deliver(json.bytes, id: id("embd-", call.number), behaviour, to: call)
    }

    /// Appends the members `id` and `backend`, a comma behind each, where the behaviour has them in bodies.
    func appendIdentity(_ id: String, _ behaviour: Behaviour, to json: inout JSONOutput) {
        guard behaviour.backend != .none else { return }
        json.raw(#""id":"#)
        json.string(id)
        json.raw(",")
        guard behaviour.hasBodyIdentity || behaviour.backend == .firstEvent else { return }
        json.raw(#""backend":"#)
        json.raw(backendBytes)
        json.raw(",")
    }
}

/// A vector of length one, the same for the same text. Its numbers are millionths, so that both encodings say the same.
private struct EmbeddingVector {
    private let millionths: [Int]

    init(_ text: ArraySlice<UInt8>, dimensions: Int) {
        var generator = SplitMix64(state: SandboxText.hash(text))
        var raw: [Double] = []
        raw.reserveCapacity(dimensions)
        var squares = 0.0
        for _ in 0..<dimensions {
            let number = Double(Int64(bitPattern: generator.next()) >> 32)
            raw.append(number)
            squares += number * number
        }
        let scale = squares > 0 ? 1_000_000 / squares.squareRoot() : 0
        millionths = raw.map { Int(($0 * scale).rounded()) }
    }

    func appendNumbers(to json: inout JSONOutput) {
        json.raw("[")
        for (index, number) in millionths.enumerated() {
            if index > 0 { json.raw(",") }
            json.millionths(number)
        }
        json.raw("]")
    }

    /// Little-endian floats of 32 bits, as OpenAI's clients read them.
    func appendBase64(to json: inout JSONOutput) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(millionths.count * 4)
        for number in millionths { bytes.appendLittleEndian((Float(number) / 1_000_000).bitPattern) }
        json.raw("\"")
        Base64.append(bytes, to: &json.bytes)
        json.raw("\"")
    }
}

/// Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators.
private struct SplitMix64 {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}

/// The elements of an array in JSON that is known to be valid.
enum JSONElements {
    /// Where each element of the array at `range` stands.
    static func ranges(in bytes: [UInt8], of range: Range<Int>) -> [Range<Int>] {
        var ranges: [Range<Int>] = []
        var depth = 0
        var start: Int?
        var end = range.lowerBound
        var index = range.lowerBound
        while index < range.upperBound {
            let byte = bytes[index]
            switch byte {
            case UInt8(ascii: "\""):
                if depth == 1, start == nil { start = index }
                index += 1
                while bytes[index] != UInt8(ascii: "\"") { index += bytes[index] == UInt8(ascii: "\\") ? 2 : 1 }
                end = index + 1
            case UInt8(ascii: "["), UInt8(ascii: "{"):
                if depth == 1, start == nil { start = index }
                depth += 1
            case UInt8(ascii: ","), UInt8(ascii: "]"), UInt8(ascii: "}"):
                if depth == 1 {
                    if let start { ranges.append(start..<end) }
                    start = nil
                }
                if byte != UInt8(ascii: ",") { depth -= 1 }
                end = index + 1
            case 0...0x20: break
            default:
                if depth == 1, start == nil { start = index }
                end = index + 1
            }
            index += 1
        }
        return ranges
    }
}
