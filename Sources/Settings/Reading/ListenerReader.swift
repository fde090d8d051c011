/// Reads `listen` and `admin`.
final class ListenerReader {
    private let root: ConfigSection
    /// The listeners so far, and where they stand.
    private var listeners: [(address: ListenAddress, path: String, position: Position)] = []

    init(_ root: ConfigSection) { self.root = root }

    func publicListeners(default standard: [ListenAddress]) -> [ListenAddress] {
        guard let entry = root.entry("listen"), !entry.isNull else {
            standard.forEach { listeners.append(($0, "listen", root.position)) }
            return standard
        }
        let addresses = entry.elements.compactMap(listener)
        if entry.isList, entry.elements.isEmpty {
            entry.report("the list must have at least one address", suggestion: standard[0].text)
        }
        return addresses
    }

    func readAdmin(_ admin: inout Configuration.Admin) {
        let section = root.section("admin")
        let entry = section.entry("listen").flatMap { $0.isNull ? nil : $0 }
        if let entry {
            if entry.isList {
                entry.report("must be one address: there is one admin listener")
            } else if let address = listener(entry) {
                admin.listen = address
            }
        } else {
            listeners.append((admin.listen, section.join("listen"), section.position))
        }
        let tokenEntry = section.entry("token")
        let tokenIsNull = tokenEntry?.isNull ?? false
        let issuesBefore = root.reading.issues.count
        if let tokenEntry, !tokenIsNull { admin.token = tokenEntry.value(.headerSecret) }
        let tokenIsWrong = root.reading.issues.count > issuesBefore
        if let entry, admin.token == nil, !tokenIsWrong, !admin.listen.isLoopback {
            entry.report(
                "without admin.token only this machine may reach the admin listener; set one, or listen on loopback",
                suggestion: "127.0.0.1:\(admin.listen.port)")
        }
        section.finish()
    }

    /// Reports every listener that has the address of one before it.
    func checkDuplicates() {
        for (index, listener) in listeners.enumerated() where listener.address.port != 0 {
            let address = listener.address.text
            guard let first = listeners[..<index].first(where: { $0.address.text == address }) else { continue }
            root.reading.report(
                ParseProblem("listens on \(address), as \(first.path) already does"), at: listener.position,
                path: listener.path)
        }
    }

    private func listener(_ entry: Entry) -> ListenAddress? {
        var result: ListenAddress?
        if entry.isMapping, let section = entry.section {
            let address = section.entry("address")
            result = address?.value(.address)
            if address == nil { entry.report("needs the member address, as 127.0.0.1:8080") }
            let tls = tls(section)
            result?.tls = tls
            section.finish()
        } else if entry.isNull {
            entry.report("is empty, and must be an address")
        } else {
            result = entry.value(.address)
        }
        if let result { listeners.append((result, entry.path, entry.position)) }
        return result
    }

    private func tls(_ section: ConfigSection) -> ListenAddress.TLS? {
        guard let entry = section.entry("tls"), !entry.isNull, let tls = entry.section else { return nil }
        var certificate: String?
        var key: String?
        var clientCA: String?
        tls.setOrClear(&certificate, "certificate", .path)
        tls.setOrClear(&key, "key", .path)
        tls.setOrClear(&clientCA, "client_ca", .path)
        tls.finish()
        guard let certificate, let key else {
            entry.report("needs both certificate and key, paths of PEM files")
            return nil
        }
        return ListenAddress.TLS(certificate: certificate, key: key, clientCA: clientCA)
    }
}
