import Foundation
import Gateway
import HTTPClient
import Settings
import Transport

/// The proof that the keys of upstreams work: each upstream is asked for its models with each of its keys, which costs nothing.
struct UpstreamCheck: Sendable {
    /// What an upstream answered to a key.
    struct Answer: Sendable, Equatable {
        /// The address of the upstream.
        let upstream: String
        /// The number of the key in the configuration, from 1 on; nil for an upstream without keys.
        let key: Int?
        let outcome: Outcome
    }

    /// An answer, or none.
    enum Outcome: Sendable, Equatable {
        /// The key is accepted. The number of models; nil where the body is no list of models.
        case accepted(models: Int?)
        /// The response has this status.
        case refused(status: Int)
        /// There was no response.
        case failed(ClientError)
    }

    private let upstreams: [UpstreamOptions]
    private let tls: TLSContext?

    /// A check of the upstream of `configuration` and of its fallbacks, or of the sandbox at `sandbox`.
    /// - Throws: `StartError` and `TLSError` where the gateway could not start either.
    init(_ configuration: Configuration, sandbox: SocketAddress?) throws {
        let options = try GatewayOptions(configuration, sandbox: sandbox)
        upstreams = [options.upstream] + options.fallbacks
        tls = try GatewayProcess.upstreamTLS(configuration, usesSandbox: sandbox != nil)
    }

    /// Asks with one key after the other, at most half a minute each.
    func answers() async throws(SystemError) -> [Answer] {
        let loop = try EventLoop(name: "propylon.upstream-check")
        var answers: [Answer] = []
        for upstream in upstreams {
            if upstream.keys.isEmpty { answers.append(await answer(of: upstream, to: nil, on: loop)) }
            for index in upstream.keys.indices { answers.append(await answer(of: upstream, to: index, on: loop)) }
        }
        return answers
    }

    private func answer(of upstream: UpstreamOptions, to key: Int?, on loop: EventLoop) async -> Answer {
        var call = HTTPCall(
            host: upstream.origin.host, port: upstream.origin.port,
            target: String(decoding: upstream.pathPrefix, as: UTF8.self) + "/v1/models")
        call.isSecure = upstream.origin.isSecure
        call.proxy = upstream.proxy
        call.fields = [("accept", "application/json"), HTTPCall.userAgent]
        if let key { call.fields.append(("authorization", "Bearer \(upstream.keys[key])")) }
        call.limits.firstByteTimeout = .seconds(20)
        call.limits.idleTimeout = .seconds(5)
        let outcome: Outcome
        do throws(ClientError) {
            let response = try await call.send(on: loop, tls: upstream.origin.isSecure ? tls : nil)
            outcome =
                response.status == 200
                ? .accepted(models: (try? JSONDecoder().decode(ModelList.self, from: Data(response.body)))?.data.count)
                : .refused(status: response.status)
        } catch { outcome = .failed(error) }
        return Answer(upstream: upstream.origin.url, key: key.map { $0 + 1 }, outcome: outcome)
    }
}

/// As much of a list of models as is needed to count them.
private struct ModelList: Decodable {
    struct Model: Decodable {}
    let data: [Model]
}

extension UpstreamCheck.Answer: CustomStringConvertible {
    /// True for a key that works.
    var isAccepted: Bool { if case .accepted = outcome { true } else { false } }

    /// The answer as a sentence, without the key.
    var description: String {
        let whose = key.map { "\(upstream), key \($0)" } ?? upstream
        return switch outcome {
        case .accepted(let models): whose + ": works" + (models.map { ", \($0) models" } ?? "")
        case .refused(let status): whose + ": refused with status \(status)"
        case .failed(let error): whose + ": no answer: \(error)"
        }
    }
}
