import Bytes

/// A translator that writes the events of another API while a reader gives it the parts of a chat completion.
///
/// The life of a stream is here, the same for each API. An API has the events of its parts (`ChatOutputSink`) and of its ends.
package protocol ChatStreamTranslator: ResponseTranslator, ChatOutputSink {
    var reader: ChatResponseReader { get }
    var writer: EventWriter { get set }
    var end: TranslationEnd? { get set }

    /// Writes the last events of a response that is whole, or that has reached its limit. All its parts have ended.
    func writeEnd(at now: Int64)

    /// Writes the last event of a response that failed.
    func writeFailure(_ error: UpstreamError)
}

extension ChatStreamTranslator {
    package func receive(_ bytes: Span<UInt8>, at now: Int64, to output: inout [UInt8]) {
        reader.receive(bytes, self)
        settle(at: now, to: &output)
    }

    package func finish(at now: Int64, to output: inout [UInt8]) {
        reader.end(self)
        settle(at: now, to: &output)
    }

    package func stop(at now: Int64, to output: inout [UInt8]) {
        reader.stop()
        settle(at: now, to: &output)
    }

    package func fail(_ error: UpstreamError, at now: Int64, to output: inout [UInt8]) {
        reader.fail(error)
        settle(at: now, to: &output)
    }

    /// Ends the stream if the reader has come to its end, and moves the events to `output`.
    private func settle(at now: Int64, to output: inout [UInt8]) {
        guard end == nil else { return }
        if reader.state == .complete { reader.endOutput(self) }
        switch reader.state {
        case .reading: break
        case .complete:
            writeEnd(at: now)
            end = .complete
        case .failed(let error):
            writeFailure(error)
            end = .failed
        }
        writer.flush(to: &output)
    }
}
