import Bytes

/// The lines of a batch's input file, in sums: what a gateway has to know before the batch begins.
package struct BatchInput: Equatable, Sendable {
    /// The lines of one model.
    package struct Sum: Equatable, Sendable {
        /// Requests.
        package var lines: Int64 = 0
        /// Input tokens that are rarely exceeded; see `RequestCounters.likelyMostInputTokens`.
        package var likelyInputTokens: Int64 = 0
        /// Input tokens that cannot be exceeded; see `RequestCounters.mostInputTokens`.
        package var mostInputTokens: Int64 = 0
        /// Output tokens of the lines that set a bound.
        package var outputTokens: Int64 = 0
        /// Outputs of the lines that set none.
        package var unboundedOutputs: Int64 = 0
        /// The most output tokens that one line asks for.
        package var largestOutput: Int64 = 0
    }

    /// The path that all lines are for, as `/v1/chat/completions`; nil without a line.
    package var url: String?
    /// The sums by model.
    package var models: [String: Sum] = [:]
    /// The most output tokens that one line asks for.
    package var largestOutput: Int64 = 0
    /// The fault of the first line that cannot be judged, for the client; nil where all can be.
    package var fault: String?
}

/// Reads the input file of a batch as it passes: JSON lines, each with a request in its `body`.
///
/// Each line is read as the same request alone would be. Memory is bounded for every file.
package final class BatchInputScanner {
    /// The most models of one file.
    static let modelLimit = 64

    private let reader = JSONRequestReader.ofLines()
    private var lines = JSONLines()
    private var number = 0
    private var fault: APIError?
    private var input = BatchInput()

    /// Creates a scanner for one file.
    package init() {}

    /// Reads the next piece of the file, of any size.
    package func scan(_ bytes: Span<UInt8>) {
        guard input.fault == nil else { return }
        lines.scan(bytes) {
            read($0)
        } end: {
            endLine($0)
        }
    }

    /// Ends the file, and returns its sums.
    package func finish() -> BatchInput {
        if input.fault == nil { lines.finish { endLine($0) } }
        return input
    }

    private func read(_ part: Span<UInt8>) {
        guard fault == nil, input.fault == nil else { return }
        do throws(APIError) { try reader.scan(part) } catch { fault = error }
    }

    private func endLine(_ byteCount: Int) {
        guard input.fault == nil else { return }
        number += 1
        defer { reader.reset() }
        do throws(APIError) {
            if let fault { throw fault }
            try add(reader.finishLine(), byteCount)
        } catch { input.fault = "Line \(number) of the input file: \(error.message)" }
    }

    private func add(
        _ line: (url: String, endpoint: Endpoint, metadata: RequestMetadata), _ byteCount: Int
    ) throws(APIError) {
        let (url, endpoint, metadata) = line
        guard let model = metadata.model else { throw .missingModel }
        if let stored = metadata.stored, stored.responseID != nil || stored.conversationID != nil {
            // Their owners are not known where the lines are read.
            throw .invalidValue("previous_response_id or conversation", "left out of a batch")
        }
        if let first = input.url, first != url { throw .invalidValue("url", "the same in all lines") }
        guard input.models[model] != nil || input.models.count < Self.modelLimit else {
            throw .invalidValue("model", "one of at most \(Self.modelLimit) in a file")
        }
        input.url = url
        var counters = metadata.counters
        counters.bodyBytes = byteCount
        let output = endpoint.billing == .inputTokens ? 0 : metadata.maxOutputTokens
        let outputTokens = output?.multipliedSaturated(by: metadata.generations) ?? 0
        input.largestOutput = max(input.largestOutput, outputTokens)
        input.models[model, default: BatchInput.Sum()].add(
            counters, outputTokens: outputTokens, unboundedOutputs: output == nil ? metadata.generations : 0)
    }
}

extension BatchInput.Sum {
    fileprivate mutating func add(_ counters: RequestCounters, outputTokens: Int64, unboundedOutputs: Int64) {
        lines += 1
        likelyInputTokens = likelyInputTokens.addingSaturated(counters.likelyMostInputTokens)
        mostInputTokens = mostInputTokens.addingSaturated(counters.mostInputTokens)
        self.outputTokens = self.outputTokens.addingSaturated(outputTokens)
        largestOutput = max(largestOutput, outputTokens)
        self.unboundedOutputs = self.unboundedOutputs.addingSaturated(unboundedOutputs)
    }
}
