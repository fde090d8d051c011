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
        /// Responses that do not state their usage.
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
    private static let paths = {
        var paths = [JSONPath("response.status_code"), JSONPath("response.body.model")]
        let usages = UsagePaths(.any, below: "response.body.", to: &paths)
        return (set: JSONPathSet(paths), usages: usages)
    }()

    private var scanner = JSONScanner(BatchOutputScanner.paths.set, acceptsNonFinite: true)
    private var lineIsBroken = false
    /// The sums by model; nil is for lines that name none. Includes complete lines only.
    package private(set) var sums: [String?: Sum] = [:]

    /// Creates a scanner for one file.
    package init() {}

    /// Reads the next piece of the file, of any size.
    package func scan(_ bytes: Span<UInt8>) {
        var start = 0
        while start < bytes.count {
            let end = bytes.index(of: ASCII.lineFeed, from: start)
            if !lineIsBroken {
                do throws(JSONError) { try scanner.scan(bytes.extracting(start..<end)) } catch { lineIsBroken = true }
            }
            if end < bytes.count { endLine() }
            start = end + 1
        }
    }

    /// Ends the file, and with it a last line without a line end.
    package func finish() { endLine() }

    private func endLine() {
        defer {
            scanner.reset()
            lineIsBroken = false
        }
        guard !lineIsBroken else { return }
        do throws(JSONError) { try scanner.finish() } catch { return }
        let usage = Self.paths.usages.usage(in: scanner)
        guard (200..<300).contains(scanner.integer(Self.status) ?? (usage == nil ? 0 : 200)) else { return }
        let named = scanner.string(Self.model)
        let isKnown = sums[named] != nil || sums.count < Self.modelLimit
        sums[isKnown ? named : nil, default: Sum()].add(usage)
    }
}

extension BatchOutputScanner.Sum {
    fileprivate mutating func add(_ usage: UpstreamUsage?) {
        lines += 1
        guard let usage else { return unstatedLines += 1 }
        promptTokens = promptTokens.addingSaturated(usage.promptTokens)
        completionTokens = completionTokens.addingSaturated(usage.completionTokens)
        reasoningTokens = reasoningTokens.addingSaturated(usage.reasoningTokens)
        cachedTokens = cachedTokens.addingSaturated(usage.cachedTokens)
    }
}
