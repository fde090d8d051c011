import Admin
import Gateway
import HTTPServer
import Policy
import Settings
import Transport

/// The result of a reload, for the log.
struct ReloadReport {
    /// The configuration that all parts use now.
    let configuration: Configuration
    /// The members that differ from those before.
    let changes: ConfigurationChanges
    /// Listeners whose certificate is another one now.
    let renewed: [String]
    /// Certificates that are not valid, or not for much longer.
    let warnings: [CertificateWarning]
}

extension GatewayProcess {
    /// Applies `new`, except for the members that take a restart, and reads again every file that it names.
    ///
    /// Connections go on: those of clients with the certificate that they began with, requests with the state that they began with.
    /// - Throws: the reason, with the name of the file. Nothing has changed then.
    func reload(_ new: Configuration) throws -> ReloadReport {
        let (configuration, changes) = running.current.reloaded(as: new)
        let plan = try ListenerPlan(configuration.listen, running: listeners.running)
        let adminPlan = try ListenerPlan([configuration.admin.listen], running: adminListeners.running)
        let options = try Self.options(configuration, sandbox: sandbox?.address, descriptors)
        let tls = try Self.upstreamTLS(configuration, usesSandbox: sandbox != nil)
        let export = try telemetry.export(of: configuration)
        try alerts.use(configuration)
        // Nothing fails from here on.
        adminPages.use(AdminAccess(configuration.admin))
        let renewed = listeners.apply(plan) + adminListeners.apply(adminPlan)
        gateway.reload(
            options: options, policies: configuration.policies, limits: LimitRules(configuration, at: time.now),
            tls: tls, telemetry: export?.hook)
        telemetry.use(export)
        retention.use(configuration)
        expiry.use(
            CertificateFile.files(of: [plan, adminPlan], configuration, upstream: tls), configuration.timeText)
        accessLog?.use(configuration.timeText)
        status.use(
            StatusSource.Places(
                listening: plan.urls, upstream: sandbox == nil ? configuration.upstream.baseURL.text : upstream))
        running.use(configuration)
        return ReloadReport(
            configuration: configuration, changes: changes, renewed: renewed, warnings: expiry.warnings)
    }
}

extension AdminAccess {
    /// The conditions that `admin` says. `admin.token` has the name `admin`.
    init(_ admin: Configuration.Admin) {
        var tokens = admin.tokens.compactMap { token in
            token.token.map { AdminToken($0.reveal(), of: AdminCaller(name: token.name, scope: token.scope)) }
        }
        if let token = admin.token {
            tokens.append(AdminToken(token.reveal(), of: AdminCaller(name: "admin", scope: .admin)))
        }
        self.init(tokens: tokens, listen: admin.listen.host, hosts: admin.hosts)
    }
}
