import WireScan

/// What a batch used, by its output file: lines of JSON, each with the answer to one request, read as they pass.
package struct BatchOutput: ~Copyable {
    /// What one model used.
    package struct Use: Equatable, Sendable {
        /// Lines that state what they used.
        package var lines = 0
        /// Their sum.
        package var usage = UpstreamUsage()
    }

    private static let content: (list: JSONWatchList, usage: UsageWatches) = {
        var watches = [JSONWatch("response.body.model")]
        let usage = UsageWatches(.chatCompletions, below: "response.body", to: &watches)
        return (JSONWatchList(watches), usage)
    }()

    private var scanner = JSONScanner(Self.content.list)
    /// Whether the line has begun, and is no longer worth reading.
    private var lineHasContent = false
    private var lineIsBroken = false
    /// What each model used; what names none stands under the empty name.
    package private(set) var uses: [String: Use] = [:]

    /// The output of a batch of which nothing has been read.
    package init() {}

    /// Takes the next piece.
    package mutating func scan(_ bytes: Span<UInt8>) {
        var start = 0
        for index in 0..<bytes.count where bytes[index] == UInt8(ascii: "\n") {
            take(bytes.extracting(start..<index))
            endLine()
            start = index + 1
        }
        take(bytes.extracting(start..<bytes.count))
    }

    /// The file has ended.
    package mutating func finish() { endLine() }

    private mutating func take(_ piece: Span<UInt8>) {
        guard piece.count > 0, !lineIsBroken else { return }
        lineHasContent = true
        do throws(JSONError) { try scanner.scan(piece) } catch { lineIsBroken = true }
    }

    private mutating func endLine() {
        defer {
            scanner.reset()
            lineHasContent = false
            lineIsBroken = false
        }
        guard lineHasContent, !lineIsBroken else { return }
        do throws(JSONError) { try scanner.finish() } catch { return }
        guard let usage = Self.content.usage.usage(.chatCompletions, in: scanner), usage.isStated else { return }
        let model = scanner.found(0).flatMap { $0.kind == .string ? $0.text : nil } ?? ""
        uses[model, default: Use()].add(usage)
    }
}

extension BatchOutput.Use {
    fileprivate mutating func add(_ other: UpstreamUsage) {
        lines += 1
        usage.promptTokens += other.promptTokens
        usage.completionTokens += other.completionTokens
        usage.reasoningTokens += other.reasoningTokens
        usage.cachedTokens += other.cachedTokens
        usage.totalTokens += other.totalTokens
    }
}
