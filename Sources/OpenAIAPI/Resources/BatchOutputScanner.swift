import Bytes
import Scanners

/// Reads a batch's output file as it passes: JSON lines, each with the response to one request and its usage.
///
/// Memory is bounded for every file.
package final class BatchOutputScanner {
    /// The usage of the lines of one model.
    package struct Sum: Equatable, Sendable {
        /// Responses.
        package var lines = 0
        /// Responses that do not state their usage, and lines that cannot be read.
        package var unstatedLines = 0
        /// Tokens read by the model.
        package var promptTokens: Int64 = 0
        /// Tokens written by the model.
        package var completionTokens: Int64 = 0
        /// The part of `completionTokens` that was reasoning.
        package var reasoningTokens: Int64 = 0
        /// The part of `promptTokens` that was read from a cache.
        package var cachedTokens: Int64 = 0
    }

    /// The most models with a sum of their own; further ones are added to the lines without a model.
    private static let modelLimit = 64

    private static let status = 0
    private static let model = 1
    private static let response = 2
    private static let error = 3
    private static let paths = {
        var paths = ["response.status_code", "response.body.model", "response", "error"].map { JSONPath($0) }
        let usages = UsagePaths(.any, below: "response.body.", to: &paths)
        return (set: JSONPathSet(paths), usages: usages)
    }()

    private var scanner = JSONScanner(BatchOutputScanner.paths.set, acceptsNonFinite: true)
    private var lines = JSONLines()
    private var lineIsBroken = false
    /// The sums by model; nil is for lines that name none, or cannot be read. Includes complete lines only.
    package private(set) var sums: [String?: Sum] = [:]

    /// Creates a scanner for one file.
    package init() {}

    /// Reads the next piece of the file, of any size.
    package func scan(_ bytes: Span<UInt8>) {
        lines.scan(bytes) {
            read($0)
        } end: { _ in
            endLine()
        }
    }

    /// Ends the file, and with it a last line without a line end.
    package func finish() { lines.finish { _ in endLine() } }

    private func read(_ part: Span<UInt8>) {
        guard !lineIsBroken else { return }
        do throws(JSONError) { try scanner.scan(part) } catch { lineIsBroken = true }
    }

    private func endLine() {
        defer {
            scanner.reset()
            lineIsBroken = false
        }
        do throws(JSONError) { try scanner.finish() } catch { return add(nil, of: nil) }
        let usage = Self.paths.usages.usage(in: scanner)
        if !isRefused { add(usage, of: scanner.string(Self.model)) }
    }

    /// True for a line that says that its request has no response, or one that costs nothing.
    private var isRefused: Bool {
        if let status = scanner.integer(Self.status) { return !(200..<300).contains(status) }
        return scanner.kind(Self.response) == .null || scanner.kind(Self.error).map { $0 != .null } ?? false
    }

    private func add(_ usage: UpstreamUsage?, of model: String?) {
        let isKnown = sums[model] != nil || sums.count < Self.modelLimit
        sums[isKnown ? model : nil, default: Sum()].add(usage)
    }
}

extension BatchOutputScanner.Sum {
    fileprivate mutating func add(_ usage: UpstreamUsage?) {
        lines += 1
        guard let usage, usage.isStated || usage.promptTokens > 0 || usage.completionTokens > 0 else {
            return unstatedLines += 1
        }
        promptTokens = promptTokens.addingSaturated(usage.promptTokens)
        completionTokens = completionTokens.addingSaturated(usage.completionTokens)
        reasoningTokens = reasoningTokens.addingSaturated(usage.reasoningTokens)
        cachedTokens = cachedTokens.addingSaturated(usage.cachedTokens)
    }
}
