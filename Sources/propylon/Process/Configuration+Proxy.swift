import Foundation
import HTTPClient
import Settings

extension Configuration {
    /// The proxy in front of the upstream: `upstream.proxy`, or else the one of `HTTPS_PROXY` and `NO_PROXY`.
    func upstreamProxy(
        for origin: Origin, _ environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws(StartError) -> Proxy? {
        if let configured = try configuredProxy { return configured }
        return try Self.rules(environment).proxy(for: origin)
    }

    /// The proxy in front of a webhook: as for the upstream, but `NO_PROXY` holds in any case, since webhooks are often near.
    func webhookProxy(
        for origin: Origin, _ environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws(StartError) -> Proxy? {
        try Self.rules(environment).proxy(for: origin, configured: configuredProxy)
    }

    private var configuredProxy: Proxy? {
        get throws(StartError) {
            guard let text = upstream.proxy?.reveal() else { return nil }
            guard let proxy = Proxy(text) else { throw .notAProxy("upstream.proxy") }
            return proxy
        }
    }

    private static func rules(_ environment: [String: String]) throws(StartError) -> ProxyRules {
        do throws(ProxyRules.InvalidVariable) {
            return try ProxyRules(environment: environment)
        } catch { throw .notAProxy("the environment variable \(error.name)") }
    }
}
