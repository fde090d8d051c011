import Clocks
import Gateway
import Glibc
import Settings
import Transport

/// The checks of a configuration against the machine: files, folders, addresses, and the upstream's keys.
///
/// What another user or another machine could use, as a folder without rights or an address, is a warning.
struct ConfigurationReview {
    private let configuration: Configuration
    private let places: MemberPlaces
    private let now: Timestamp

    /// - Parameter now: the moment at which certificates are to be valid.
    init(_ file: ConfigurationFile, at now: Timestamp) {
        configuration = file.configuration
        places = file.places
        self.now = now
    }

    /// All errors and warnings.
    var issues: [ConfigurationIssue] {
        let listeners = configuration.listen.enumerated().map { index, address in
            // A list has elements; a single address has no index.
            (address, places.has("listen[\(index)]") ? "listen[\(index)]" : "listen")
        }
        return (listeners + [(configuration.admin.listen, "admin.listen")]).flatMap(issues(ofListener:at:))
            + upstreamIssues + folderIssues + ModelReview(configuration, places).issues
    }

    // MARK: Listeners

    private func issues(ofListener listener: ListenAddress, at path: String) -> [ConfigurationIssue] {
        var issues: [ConfigurationIssue] = []
        do {
            // Port 0, since a running gateway has the other one.
            _ = try Listener(SocketAddress(ListenAddress(host: listener.host, port: 0)))
        } catch let error as StartError {
            issues.append(places.issue(.error, at: path, "\(error)"))
        } catch {
            issues.append(
                places.issue(.warning, at: path, "this machine cannot listen on \(listener.host): \(error)"))
        }
        if let tls = listener.tls { issues += self.issues(of: tls, of: listener, at: "\(path).tls") }
        return issues
    }

    private func issues(
        of tls: ListenAddress.TLS, of listener: ListenAddress, at path: String
    ) -> [ConfigurationIssue] {
        let files =
            [("certificate", tls.certificate), ("key", tls.key)] + (tls.clientCA.map { [("client_ca", $0)] } ?? [])
        let missing = files.compactMap { name, file in unreadable(file, at: "\(path).\(name)") }
        guard missing.isEmpty else { return missing }
        do throws(TLSError) {
            let context = try TLSContext.server(
                certificateFile: tls.certificate, keyFile: tls.key, clientCAFile: tls.clientCA)
            return self.issues(of: CertificateFile.files(of: listener, context), at: path)
        } catch {
            return [places.issue(.error, at: path, error.message)]
        }
    }

    /// The issues with the validity of certificates, whose files are named by members of the section at `path`.
    private func issues(of files: [CertificateFile], at path: String) -> [ConfigurationIssue] {
        files.flatMap { file in
            file.warnings(at: now, configuration.timeText).map { warning in
                places.issue(warning.isFault ? .error : .warning, at: "\(path).\(file.use.rawValue)", warning.message)
            }
        }
    }

    // MARK: Upstream

    private var upstreamIssues: [ConfigurationIssue] {
        var issues: [ConfigurationIssue] = []
        do throws(StartError) { _ = try GatewayOptions(configuration, sandbox: nil) } catch {
            switch error {
            // The service may have the variable of the key.
            case .noUpstreamKey: issues.append(places.issue(.warning, at: "upstream.api_keys", "\(error)"))
            default: issues.append(places.issue(.error, at: "upstream.proxy", "\(error)"))
            }
        }
        for (index, fallback) in configuration.upstream.fallbacks.enumerated()
        where fallback.apiKeys.isEmpty && fallback.baseURL.isVendor {
            let path = "upstream.fallbacks[\(index)]"
            issues.append(
                places.issue(.warning, at: path, "has no key, and the vendor's API needs one; set its api_keys"))
        }
        guard let file = configuration.upstream.caFile else { return issues }
        if let unreadable = unreadable(file, at: "upstream.ca_file") { return issues + [unreadable] }
        do throws(TLSError) {
            let context = try TLSContext.client(caFile: file)
            return issues + self.issues(of: CertificateFile.files(ofUpstream: file, context), at: "upstream")
        } catch {
            return issues + [places.issue(.error, at: "upstream.ca_file", error.message)]
        }
    }

    // MARK: Files and folders

    /// An error where `file` cannot be opened.
    private func unreadable(_ file: String, at path: String) -> ConfigurationIssue? {
        let descriptor = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            return places.issue(.error, at: path, "the file \(file) cannot be opened: \(Self.reason(errno))")
        }
        _ = close(descriptor)
        return nil
    }

    private var folderIssues: [ConfigurationIssue] {
        var issues = [folderIssue(of: configuration.data, mayBeMissing: true, at: "data")]
        if let file = configuration.log.accessFile {
            issues.append(folderIssue(of: Self.folder(of: file), mayBeMissing: false, at: "log.access_file"))
        }
        if let program = configuration.alerts.email?.sendmail, access(program, X_OK) != 0 {
            let message = "this user cannot run \(program): \(Self.reason(errno)); mail about alerts would fail"
            issues.append(places.issue(.warning, at: "alerts.email.sendmail", message))
        }
        return issues.compactMap(\.self)
    }

    /// The issue with a folder in which files are to be made, or with the nearest folder above it that exists.
    private func folderIssue(of folder: String, mayBeMissing: Bool, at path: String) -> ConfigurationIssue? {
        var status = stat()
        var existing = folder
        while mayBeMissing, stat(existing, &status) != 0, errno == ENOENT, existing != ".", existing != "/" {
            existing = Self.folder(of: existing)
        }
        guard stat(existing, &status) == 0 else {
            return places.issue(.error, at: path, "the folder \(existing) cannot be used: \(Self.reason(errno))")
        }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            return places.issue(.error, at: path, "\(existing) is no folder")
        }
        guard access(existing, W_OK | X_OK) == 0 else {
            return places.issue(.warning, at: path, "this user may not write to the folder \(existing)")
        }
        return nil
    }

    /// The folder that `path` is in.
    private static func folder(of path: String) -> String {
        path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    }

    private static func reason(_ code: Int32) -> String { String(cString: strerror(code)) }
}
