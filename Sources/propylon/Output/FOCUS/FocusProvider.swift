import Settings

/// The upstream's account in a FOCUS dataset. The API does not name it, so its host does.
struct FocusProvider {
    /// The name of who offers, hosts and bills the service.
    let name: String
    /// The account that is billed.
    let account: String

    /// The provider of the API at `url`.
    init(_ url: UpstreamURL) {
        name = url.isVendor ? "Cloud Temple" : url.host
        account = url.host
    }
}
