import Clocks
import Foundation
import Gateway
import HTTPClient
import Settings
import Transport

/// A collector that takes OTLP over HTTP, and the connection to it, which is kept. Used on one loop.
final class Collector {
    /// What became of a request.
    enum Outcome: Equatable {
        /// The collector has taken it, or all but some of it, for this reason.
        case taken(except: String?)
        /// It does not take it, whenever it is sent.
        case refused(String)
        /// It may take it later: not before this time, where it says so.
        case later(String, after: Duration?)
    }

    /// Statuses after which the same request may be sent again (OTLP 1.9, "Retryable Response Codes").
    private static let passingStatuses: Set = [429, 502, 503, 504]
    private static let responseLimit = 64 << 10

    private let call: HTTPCall
    private let client: HTTPClient
    private let prefix: String
    private let time: any TimeSource

    /// - Parameter way: the server, the headers, and the way to it.
    init(_ way: CollectorWay, on loop: EventLoop, time: any TimeSource) {
        call = way.call
        prefix = way.prefix
        self.time = time
        var limits = ClientLimits()
        limits.firstByteTimeout = .seconds(10)
        limits.idleTimeout = .seconds(10)
        client = HTTPClient(call.target(way.tls), limits: limits, shared: SharedClientState(connections: 1), on: loop)
    }

    deinit { client.close() }

    /// Posts `body` to the path of a signal, as `/v1/traces`.
    func post(_ body: [UInt8], to path: String) async -> Outcome {
        var call = call
        call.target = prefix + path
        call.body = body
        do throws(ClientError) {
            let response = try await client.send(call.request)
            defer { response.end() }
            let head = response.head
            let body = try await response.wholeBody(limit: Self.responseLimit)
            if (200..<300).contains(head.status) { return .taken(except: Self.rejection(in: body)) }
            let reason = "status \(head.status)"
            guard Self.passingStatuses.contains(head.status) else { return .refused(reason) }
            return .later(reason, after: RetryAfter.duration(in: head.fields, at: time.now))
        } catch { return .later(error.detail ?? "no response", after: nil) }
    }

    /// The words of a collector that has rejected a part; nil where it has not.
    private static func rejection(in body: [UInt8]) -> String? {
        let response = (try? JSONSerialization.jsonObject(with: Data(body))) as? [String: Any]
        guard let partial = response?["partialSuccess"] as? [String: Any] else { return nil }
        let words = partial["errorMessage"] as? String ?? ""
        // 64-bit numbers are texts in protobuf's JSON; some servers write default values.
        let counts = ["rejectedSpans", "rejectedDataPoints"].compactMap { partial[$0] }
        guard !words.isEmpty || counts.contains(where: { !["0", ""].contains("\($0)") }) else { return nil }
        return words.isEmpty ? "some of it was rejected" : String(words.prefix(200))
    }
}

/// The way to the collector that the configuration names.
struct CollectorWay: Sendable {
    /// A call without path and body.
    let call: HTTPCall
    /// The path before that of a signal.
    let prefix: String
    let tls: TLSContext?

    /// The way to `telemetry.endpoint`; nil without one.
    init?(_ configuration: Configuration) throws {
        guard let endpoint = configuration.telemetry.endpoint, var call = HTTPCall("POST", endpoint.text) else {
            return nil
        }
        call.fields = [("content-type", "application/json"), HTTPCall.userAgent]
        call.fields += configuration.telemetry.headers.map { ($0, $1.reveal()) }
        call.keepsConnection = true
        call.proxy = try configuration.webhookProxy(for: call.origin)
        self.call = call
        prefix = endpoint.path
        tls = endpoint.isSecure ? try TLSContext.client(caFile: nil) : nil
    }
}
