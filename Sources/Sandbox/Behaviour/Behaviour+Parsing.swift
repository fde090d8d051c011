import Bytes

extension Behaviour {
    private static let prefix = "sandbox"

    /// Reads the behaviour from the name of a model; nil for a model of the catalogue.
    /// - Throws: an error that lists the keys, for an unknown or repeated key and a value out of its range.
    init?(modelName name: String) throws(SandboxError) {
        self.init()
        guard name.hasPrefix(Self.prefix) else { return nil }
        let rest = name.dropFirst(Self.prefix.count)
        if rest.isEmpty { return }
        guard rest.first == ":" else { return nil }
        var seen: Set<Substring> = []
        for setting in rest.dropFirst().split(separator: ",", omittingEmptySubsequences: false) {
            let parts = setting.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, seen.insert(parts[0]).inserted, set(parts[0], parts[1]) else {
                throw .invalid(
                    "The sandbox does not understand '\(setting.prefix(64))'. A model is 'sandbox:key=value,…' with the keys "
                        + "tokens, prompt_tokens, cached, reasoning, size, first, interval, backend, usage, agent, strict, encoding, fault.",
                    param: "model", code: "invalid_model")
            }
        }
    }

    /// Returns false for an unknown key or an invalid value.
    private mutating func set(_ key: Substring, _ value: Substring) -> Bool {
        switch key {
        case "tokens": Self.store(Self.count(value), in: &tokens)
        case "prompt_tokens": Self.store(Self.count(value), in: &promptTokens)
        case "cached": Self.store(Self.count(value), in: &cachedTokens)
        case "reasoning": Self.store(Self.count(value), in: &reasoning)
        case "size": Self.store(Self.bytes(value), in: &size)
        case "first": Self.store(Self.duration(value), in: &first)
        case "interval": Self.store(Self.duration(value), in: &interval)
        case "backend": Self.store(BackendPlace(rawValue: String(value)), in: &backend)
        case "usage": Self.store(UsagePlace(rawValue: String(value)), in: &usage)
        case "agent": Self.store(["shell": true][value], in: &isAgent)
        case "strict": Self.store(["on": true, "off": false][value], in: &isStrict)
        case "encoding": Self.store(["gzip": true, "identity": false][value], in: &gzip)
        case "fault": Self.store(Fault(value), in: &fault)
        default: false
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

    /// A number of at most ten digits.
    private static func number(_ text: Substring) -> Int? {
        guard !text.isEmpty, text.utf8.count <= 10, text.utf8.allSatisfy(ASCII.isDigit) else { return nil }
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
        // Ten digits times a MiB are below 2^63.
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
