import Clocks
import HTTP1
import HTTPClient
import OpenAIAPI
import Transport

extension GatewaySnapshot {
    /// Reads the file `id` of the upstream on the gateway's own account, without a bound on its size.
    ///
    /// - Parameters:
    ///   - coding: the content coding that the response may have: gzip or identity.
    ///   - client: the socket of the client for whom it is read, whose interruption ends the reading.
    ///   - mayContinue: asked after every read whether to go on.
    ///   - receive: gets the content, decoded. What came before a failure is not the whole file.
    /// - Returns: false where the upstream does not have the file.
    func readFile(
        _ id: String, coding: StaticString, for client: Socket? = nil, on loop: EventLoop, at clock: any TimeSource,
        while mayContinue: @escaping () -> Bool, _ receive: @escaping (Span<UInt8>) -> Void
    ) async throws(UpstreamFailure) -> Bool {
        let answer = try await ask(
            "GET", ResourcePath.content(ofFile: id), coding: coding, for: client, on: loop, at: clock)
        defer { answer.end() }
        if answer.isGone { return false }
        let broken = UpstreamFailure(.truncated, wasSent: true)
        guard answer.head.status == 200, let sink = FileSink(answer.head, while: mayContinue, receive) else {
            throw broken
        }
        var hasEnded = false
        do throws(ClientError) {
            hasEnded = try await answer.readBody(watching: client, for: [], into: sink) == .end
        } catch { throw error == .clientGone ? UpstreamFailure(error, wasSent: true) : broken }
        guard hasEnded, sink.isWhole else { throw broken }
        return true
    }
}

extension ClientExchange {
    /// True where the upstream does not have what was asked for, or not any more.
    var isGone: Bool { head.status == 404 || head.status == 410 }
}

/// Decodes a file as it passes.
private final class FileSink: ResponseBodySink {
    private var inflater: Inflater?
    private let continues: () -> Bool
    private let content: (Span<UInt8>) -> Void

    /// Returns nil for a coding that was not asked for.
    init?(_ head: ResponseHead, while continues: @escaping () -> Bool, _ content: @escaping (Span<UInt8>) -> Void) {
        self.continues = continues
        self.content = content
        switch head.fields.contentCoding {
        case .identity: return
        case .inflatable:
            guard let inflater = Inflater(limit: .max) else { return nil }
            self.inflater = consume inflater
        case .other: return nil
        }
    }

    /// True where the content was decoded to its end.
    var isWhole: Bool {
        switch inflater {
        case .some(let inflater): inflater.isWhole
        case .none: true
        }
    }

    func receive(_ piece: Span<UInt8>) {
        guard var inflater = inflater.take() else { return content(piece) }
        inflater.inflate(piece, content)
        self.inflater = consume inflater
    }

    func shouldContinue() -> Bool { continues() }
}
