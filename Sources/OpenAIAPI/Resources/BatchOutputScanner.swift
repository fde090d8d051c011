import Scanners

/// Looks on at a batch's output file as it passes: JSON lines, each with the answer to one request of the batch and what that
/// used. Memory is bounded, whatever the file.
package final class BatchOutputScanner {
    /// What the lines of one model used.
    package struct Sum: Equatable, Sendable {
        /// Answers.
        package var lines = 0
        /// Those of them that do not say what they used.
        package var unstatedLines = 0
        /// Tokens read by the model.
        package var promptTokens: Int64 = 0
        /// Tokens written by the model.
        package var completionTokens: Int64 = 0
        /// Those of them that were reasoning.
        package var reasoningTokens: Int64 = 0
        /// Those of the tokens read that came from a cache.
        package var cachedTokens: Int64 = 0
    }

    /// So many models are told apart; what further ones used counts for no model by name.
    private static let modelLimit = 64

    private static let status = 0
    private static let model = 1
    private static let paths = {
        var paths = [JSONPath("response.status_code"), JSONPath("response.body.model")]
        let usages = UsagePaths(.other, below: "response.body.", to: &paths)
        return (list: JSONPathSet(paths), usages: usages)
    }()

    private var scanner = JSONScanner(BatchOutputScanner.paths.list)
    private var lineIsBroken = false
    /// What was used, by model; nil is for lines that name none. Only lines that end count.
    package private(set) var sums: [String?: Sum] = [:]

    /// A scanner for one file.
    package init() {}

    /// Takes the next piece of the file, of any size.
    package func scan(_ bytes: Span<UInt8>) {
        var start = 0
        while start < bytes.count {
            var end = start
            while end < bytes.count, bytes[end] != UInt8(ascii: "\n") { end += 1 }
            if !lineIsBroken {
                do throws(JSONError) { try scanner.scan(bytes.extracting(start..<end)) } catch { lineIsBroken = true }
            }
            if end < bytes.count { endLine() }
            start = end + 1
        }
    }

    /// The file is complete: its last line may have no end of its own.
    package func finish() { endLine() }

    private func endLine() {
        defer {
            scanner.reset()
            lineIsBroken = false
        }
        guard !lineIsBroken else { return }
        do throws(JSONError) { try scanner.finish() } catch { return }
        let usage = Self.paths.usages.usage(.other, in: scanner)
        guard (200..<300).contains(scanner.integer(Self.status) ?? (usage == nil ? 0 : 200)) else { return }
        let named = scanner.found(Self.model).flatMap { $0.kind == .string ? $0.text : nil }
        let isKnown = sums[named] != nil || sums.count < Self.modelLimit
        sums[isKnown ? named : nil, default: Sum()].add(usage)
    }
}

extension BatchOutputScanner.Sum {
    fileprivate mutating func add(_ usage: UpstreamUsage?) {
        lines += 1
        guard let usage else { return unstatedLines += 1 }
        // Each number is below `UpstreamUsage.limit`; a file of so many lines that this wraps around does not exist.
        promptTokens &+= usage.promptTokens
        completionTokens &+= usage.completionTokens
        reasoningTokens &+= usage.reasoningTokens
        cachedTokens &+= usage.cachedTokens
    }
}
