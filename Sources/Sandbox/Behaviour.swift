/// How an answer is to be, as the name of the model asks.
///
/// The grammar: `sandbox`, or `sandbox:` and settings parted by commas, each `key=value`, none twice:
///
///     sandbox:tokens=500,interval=10ms,backend=first-event
///
/// | key | value | meaning |
/// |---|---|---|
/// | `tokens` | 0...10000000 | words of the answer, of each choice; `max_tokens` still cuts them |
/// | `prompt_tokens`, `cached` | the same | what `usage` states, instead of what was counted |
/// | `reasoning` | the same | tokens of reasoning before the answer, of each choice |
/// | `size` | bytes, `KiB`, `MiB`; at most 256MiB | bytes of the text, of the audio, of each image |
/// | `first` | `us`, `ms`, `s`, `m`; at most an hour | wait before the head |
/// | `interval` | the same | wait before each event or piece but the first |
/// | `backend` | `both`, `header`, `body`, `first-event`, `none` | where `id` and `backend` stand: headers, body (every event), both, the first event alone, nowhere |
/// | `usage` | `standard`, `last-chunk`, `every-chunk`, `none` | where a stream states its usage; `none` holds for plain answers too. Of transcriptions: `last-chunk` gives segments but no duration, `none` neither |
/// | `encoding` | `gzip`, `identity` | gzip where the caller accepts it |
/// | `fault` | see `Fault` | what goes wrong |
///
/// They hold for every endpoint where they make sense. The models of the catalogue answer with the defaults.
struct Behaviour: Sendable, Equatable {
    /// What goes wrong. "Half" is half of the events, or of the bytes where there are none.
    enum Fault: Sendable, Equatable {
        /// `status-400` to `status-599`: an error answer with that status.
        case status(Int)
        /// `stall`: silence after half. `stall-before`: silence instead of the head.
        case stall, stallBefore
        /// `cut`: the connection ends after half, unclean. `cut-before`: it ends instead of the head.
        case cut, cutBefore
        /// `reset`: the connection is reset after half.
        case reset
        /// `drip`: all of it, but seven bytes every millisecond.
        case drip
        /// `malformed`: half a document, or an event of broken JSON at half.
        case malformed
        /// `error-event`: an error event at half, then the end. Where there are no events, `status-500`.
        case errorEvent
        /// `no-done`: a stream without its `[DONE]`.
        case noDone
        /// `wrong-length`: `content-length` says 16 bytes more than come. Of a stream: `cut`.
        case wrongLength
    }

    enum BackendPlace: String, Sendable { case both, header, body, firstEvent = "first-event", none }
    enum UsagePlace: String, Sendable { case standard, lastChunk = "last-chunk", everyChunk = "every-chunk", none }

    var tokens: Int?
    var promptTokens: Int?
    var cachedTokens: Int?
    var reasoning: Int?
    var size: Int?
    var first = Duration.zero
    var interval = Duration.zero
    var backend = BackendPlace.both
    var usage = UsagePlace.standard
    var gzip = false
    var fault: Fault?

    static let standard = Behaviour()

    var hasHeaderIdentity: Bool { backend == .both || backend == .header }
    var hasBodyIdentity: Bool { backend == .both || backend == .body }

    /// What `name` asks for; nil where it is no name of the sandbox's own.
    init?(modelName name: String) throws(SandboxRefusal) {
        self.init()
        guard name.hasPrefix("sandbox") else { return nil }
        let rest = name.dropFirst(7)
        if rest.isEmpty { return }
        guard rest.first == ":" else { return nil }
        var seen: Set<Substring> = []
        for setting in rest.dropFirst().split(separator: ",", omittingEmptySubsequences: false) {
            let parts = setting.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, seen.insert(parts[0]).inserted, set(parts[0], parts[1]) else {
                throw .invalid(
                    "The sandbox does not understand '\(setting.prefix(64))'. A model is 'sandbox:key=value,…' with the keys "
                        + "tokens, prompt_tokens, cached, reasoning, size, first, interval, backend, usage, encoding, fault.",
                    param: "model", code: "invalid_model")
            }
        }
    }

    private init() {}

    private mutating func set(_ key: Substring, _ value: Substring) -> Bool {
        switch key {
        case "tokens": return Self.store(Self.count(value), in: &tokens)
        case "prompt_tokens": return Self.store(Self.count(value), in: &promptTokens)
        case "cached": return Self.store(Self.count(value), in: &cachedTokens)
        case "reasoning": return Self.store(Self.count(value), in: &reasoning)
        case "size": return Self.store(Self.bytes(value), in: &size)
        case "first": return Self.store(Self.duration(value), in: &first)
        case "interval": return Self.store(Self.duration(value), in: &interval)
        case "backend": return Self.store(BackendPlace(rawValue: String(value)), in: &backend)
        case "usage": return Self.store(UsagePlace(rawValue: String(value)), in: &usage)
        case "encoding":
            gzip = value == "gzip"
            return gzip || value == "identity"
        case "fault":
            fault = Fault(value)
            return fault != nil
        default: return false
        }
    }

    private static func store<Value>(_ value: Value?, in place: inout Value) -> Bool {
        guard let value else { return false }
        place = value
        return true
    }

    private static func store<Value>(_ value: Value?, in place: inout Value?) -> Bool {
        place = value
        return value != nil
    }

    private static func number(_ text: Substring) -> Int? {
        guard !text.isEmpty, text.utf8.count <= 10, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return nil
        }
        return Int(text)
    }

    private static func count(_ text: Substring) -> Int? {
        number(text).flatMap { $0 <= 10_000_000 ? $0 : nil }
    }

    private static func bytes(_ text: Substring) -> Int? {
        var digits = text
        var unit = 1
        if text.hasSuffix("KiB") || text.hasSuffix("MiB") {
            unit = text.hasSuffix("KiB") ? 1 << 10 : 1 << 20
            digits = text.dropLast(3)
        }
        return number(digits).flatMap { $0 * unit <= 256 << 20 ? $0 * unit : nil }
    }

    private static func duration(_ text: Substring) -> Duration? {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard let number = number(digits) else { return nil }
        let duration: Duration
        switch text.dropFirst(digits.count) {
        case "us": duration = .microseconds(number)
        case "ms": duration = .milliseconds(number)
        case "s": duration = .seconds(number)
        case "m": duration = .seconds(number * 60)
        default: return nil
        }
        return duration <= .seconds(3600) ? duration : nil
    }
}

extension Behaviour.Fault {
    init?(_ text: Substring) {
        switch text {
        case "stall": self = .stall
        case "stall-before": self = .stallBefore
        case "cut": self = .cut
        case "cut-before": self = .cutBefore
        case "reset": self = .reset
        case "drip": self = .drip
        case "malformed": self = .malformed
        case "error-event": self = .errorEvent
        case "no-done": self = .noDone
        case "wrong-length": self = .wrongLength
        default:
            guard text.hasPrefix("status-"), let status = Int(text.dropFirst(7)), (400...599).contains(status) else {
                return nil
            }
            self = .status(status)
        }
    }

    /// What happens instead of the second half of an answer.
    var atHalf: SandboxAnswer.Step? {
        switch self {
        case .stall: .stall
        case .cut: .cut
        case .reset: .reset
        default: nil
        }
    }
}
