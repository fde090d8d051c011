/// The reason why the gateway does not start.
enum StartError: Error, CustomStringConvertible {
    /// A listener has a host name; it needs an IP address.
    case notAnAddress(String)
    /// There is no key for the vendor's API.
    case noUpstreamKey
    /// The running gateway does not hand over.
    case handoverRefused(String)

    var description: String {
        switch self {
        case .notAnAddress(let text):
            "\(text) is not an IP address: listen on 127.0.0.1, on 0.0.0.0 or on an address of this machine"
        case .noUpstreamKey:
            "there is no key for the upstream: set LLMAAS_API_KEY or upstream.api_keys, or use --sandbox to try the gateway "
                + "without an account"
        case .handoverRefused(let reason):
            "the running gateway does not hand over: \(reason)"
        }
    }
}
