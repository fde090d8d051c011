import Bytes
import Clocks
import Policy
import Settings
import Transport

/// A file of certificates that the configuration names and the gateway uses, as it was read.
struct CertificateFile: Sendable {
    /// The members that name such files.
    enum Use: String, Sendable {
        case certificate
        case clientCA = "client_ca"
        case upstreamCA = "ca_file"
    }

    /// The member that names it.
    let use: Use
    /// The listener's address as the configuration has it, or `upstream`.
    let owner: String
    /// The path of the file.
    let path: String
    /// The certificates in it.
    let certificates: [TLSCertificate]

    /// The files of the listener `address`.
    static func files(of address: ListenAddress, _ context: TLSContext?) -> [CertificateFile] {
        guard let tls = address.tls, let context else { return [] }
        let own = CertificateFile(
            use: .certificate, owner: address.text, path: tls.certificate, certificates: context.certificates)
        guard let authorities = tls.clientCA else { return [own] }
        return [
            own,
            CertificateFile(
                use: .clientCA, owner: address.text, path: authorities, certificates: context.authorities),
        ]
    }

    /// The files of the upstream: `path`, if it is given and used.
    static func files(ofUpstream path: String?, _ context: TLSContext?) -> [CertificateFile] {
        guard let path, let context else { return [] }
        return [CertificateFile(use: .upstreamCA, owner: "upstream", path: path, certificates: context.authorities)]
    }

    /// The files of the listeners of `plans`, and of the upstream of `configuration` where it has TLS.
    static func files(
        of plans: [ListenerPlan], _ configuration: Configuration, upstream: TLSContext?
    ) -> [CertificateFile] {
        plans.flatMap(\.certificateFiles) + files(ofUpstream: configuration.upstream.caFile, upstream)
    }

    /// The certificate whose end is the first to be felt at `now`; nil for a file without any.
    ///
    /// Of authorities it is the first to end of those that are valid: one that has ended may stay beside its successor.
    func first(at now: Timestamp) -> TLSCertificate? {
        let byEnd = certificates.sorted { $0.validUntil < $1.validUntil }
        if use == .certificate { return byEnd.first }
        return byEnd.first { !$0.isExpired(at: now) } ?? byEnd.last
    }

    /// What is due to be told of the certificates at `now`.
    func notices(at now: Timestamp) -> [(notice: ExpiryNotice, event: Event)] {
        certificates.compactMap { certificate in
            let id = "\(Hexadecimal.text(certificate.fingerprint)) \(path)"
            return ExpiryNotice(Expiring(.certificate, id, expiresAt: certificate.validUntil), at: now).map {
                ($0, Event($0, in: path, name: certificate.name, of: "\(owner) \(use.rawValue)", at: now))
            }
        }
    }

    /// Certificates that are not valid at `now`, or not for much longer, with times in the zone of `time`.
    func warnings(at now: Timestamp, _ time: TimeText) -> [CertificateWarning] {
        let isUsable = use != .certificate && certificates.contains { !$0.isExpired(at: now) }
        return certificates.compactMap { certificate in
            let what = "the certificate in \(path) (\(certificate.name))"
            let end = time.string(certificate.validUntil)
            if certificate.isExpired(at: now) {
                return CertificateWarning(
                    message: "\(what) has expired on \(end); renew it", isFault: !isUsable)
            }
            if certificate.validFrom > now {
                let start = time.string(certificate.validFrom)
                return CertificateWarning(message: "\(what) is not valid before \(start); check the clock")
            }
            guard certificate.validUntil - now <= .days(Expiring.Kind.certificate.soon) else { return nil }
            return CertificateWarning(message: "\(what) expires on \(end); renew it")
        }
    }
}

/// A certificate that is not valid, or not for much longer. It is used all the same: a reload may come too early.
struct CertificateWarning: Sendable {
    /// The warning in words.
    let message: String
    /// True where peers refuse connections until it is renewed.
    var isFault = false
}

extension TLSCertificate {
    /// Returns true where it is not valid any more at `now`.
    func isExpired(at now: Timestamp) -> Bool { validUntil <= now }
}
