/// The reason why the gateway does not start.
enum StartError: Error, CustomStringConvertible {
    /// A listener has a host name; it needs an IP address.
    case notAnAddress(String)
    /// There is no key for the vendor's API.
    case noUpstreamKey
    /// The running gateway does not hand over.
    case handoverRefused(String)
    /// The named setting or variable is no proxy. Its value may hold a password.
    case notAProxy(String)

    var description: String {
        switch self {
        case .notAnAddress(let text):
            "\(text) is not an IP address: listen on 127.0.0.1, on 0.0.0.0 or on an address of this machine"
        case .notAProxy(let place):
            "\(place) is not a proxy that can be used: write http://proxy:3128 or http://user:password@proxy:3128"
        case .noUpstreamKey:
            "there is no key for the upstream: set LLMAAS_API_KEY or upstream.api_keys, or use --sandbox to try the gateway "
                + "without an account"
        case .handoverRefused(let reason):
            "the running gateway does not hand over: \(reason)"
        }
    }
}
