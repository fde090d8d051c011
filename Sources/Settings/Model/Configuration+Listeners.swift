import Yams

extension Member<Configuration> {
    /// `listen`: an address, or a list of addresses and mappings.
    static var listeners: Self {
        Self(
            \.listen, "listen",
            reference: { configuration in
                MemberReference(
                    name: "listen", form: "address, or list of addresses",
                    default: "`\(configuration.listen.map(\.text).joined(separator: ", "))`",
                    meaning:
                        "Where clients connect. An address is `ADDRESS:PORT`, or a mapping with a certificate. Port 0 "
                        + "takes a free one. A reload opens new addresses, and drains those that are gone.",
                    example: """
                        listen:
                          - 127.0.0.1:8080
                          - address: 0.0.0.0:8443
                            tls:
                              certificate: /etc/propylon/tls/chain.pem
                              key: /etc/propylon/tls/key.pem
                              client_ca: /etc/propylon/tls/clients.pem
                        """,
                    members: [
                        MemberReference(
                            name: "address", form: "`ADDRESS:PORT`", default: "required",
                            meaning: "Address of the listener. IPv6 addresses have brackets, as `[::1]:8080`."),
                        ListenAddress.TLS.reference,
                    ])
            },
            read: { section, configuration in
                guard let node = section.nodeWithValue("listen") else {
                    for address in configuration.listen {
                        section.context.diagnostics.add(listener: address, path: "listen", at: section.position)
                    }
                    return
                }
                if node.isList, node.elements.isEmpty {
                    node.report("must have at least one address", suggestion: configuration.listen.first?.text)
                }
                configuration.listen = node.elements.compactMap(\.listener)
            },
            write: { .listeners($0.listen) })
    }
}

extension Member<Configuration.Admin> {
    /// `listen`: one address.
    static var listener: Self {
        Self(
            \.listen, "listen",
            reference: { admin in
                MemberReference(
                    name: "listen", form: "address", default: "`\(admin.listen.text)`",
                    meaning: "Address of the admin listener, never a public one. A mapping as in `listen` is possible.")
            },
            read: { section, admin in
                guard let node = section.nodeWithValue("listen") else {
                    section.context.diagnostics.add(
                        listener: admin.listen, path: section.join("listen"), at: section.position)
                    return
                }
                if node.isList {
                    node.report("must be one address: there is one admin listener")
                } else if let address = node.listener {
                    admin.listen = address
                }
            },
            write: { $0.listen.tls == nil ? .text($0.listen.text) : .listener($0.listen) })
    }
}

extension ListenAddress.TLS {
    fileprivate static var reference: MemberReference {
        MemberReference(
            name: "tls", form: "section", default: "plain HTTP",
            meaning:
                "The certificate of a listener, as PEM files, which every reload reads again. Without it the listener "
                + "speaks plain HTTP.",
            members: [
                MemberReference(
                    name: "certificate", form: "path", default: "required",
                    meaning: "Certificate chain, the server's own certificate first."),
                MemberReference(
                    name: "key", form: "path", default: "required", meaning: "Private key of the certificate."),
                MemberReference(
                    name: "client_ca", form: "path, or `null`", default: "`null`",
                    meaning: "Authorities of client certificates. With it, a client needs a certificate."),
            ])
    }
}

extension ConfigNode {
    /// The address of a listener. Returns nil for a wrong one, which is reported.
    fileprivate var listener: ListenAddress? {
        var result: ListenAddress?
        if isMapping, let section {
            let address = section.node("address")
            result = address?.value(.address)
            if address == nil { report("needs the member address, as 127.0.0.1:8080") }
            let tls = Self.tls(section)
            result?.tls = tls
            section.finish()
        } else if isNull {
            report("is empty, and must be an address")
        } else {
            result = value(.address)
        }
        if let result { context.diagnostics.add(listener: result, path: path, at: position) }
        return result
    }

    private static func tls(_ section: ConfigSection) -> ListenAddress.TLS? {
        guard let node = section.nodeWithValue("tls"), let tls = node.section else { return nil }
        let certificate = tls.nodeWithValue("certificate")?.value(.path)
        let key = tls.nodeWithValue("key")?.value(.path)
        let clientCA = tls.nodeWithValue("client_ca")?.value(.path)
        tls.finish()
        guard let certificate, let key else {
            node.report("needs both certificate and key, paths of PEM files")
            return nil
        }
        return ListenAddress.TLS(certificate: certificate, key: key, clientCA: clientCA)
    }
}

extension Node {
    fileprivate static func listeners(_ addresses: [ListenAddress]) -> Node {
        Node(addresses.map { listener($0) }, .implicit, .block)
    }

    fileprivate static func listener(_ address: ListenAddress) -> Node {
        var members = [(Node("address"), text(address.text))]
        if let tls = address.tls {
            let files = [
                (Node("certificate"), text(tls.certificate)), (Node("key"), text(tls.key)),
                (Node("client_ca"), tls.clientCA.map { text($0) } ?? .null),
            ]
            members.append((Node("tls"), Node(files, .implicit, .block)))
        }
        return Node(members, .implicit, .block)
    }
}
