import Policy

extension Configuration {
    /// The whole effective configuration as YAML, every member with its value, secrets masked.
    ///
    /// `load` reads it as an equal configuration, where there are no secrets in it; it refuses masked ones.
    package func show() -> String {
        var yaml = YAMLWriter()
        showListeners(&yaml)
        yaml.member("data", .text(data))
        yaml.member("time_zone", .text(timeZone.identifier))
        yaml.member("machine_name", .text(machineName))
        yaml.section("upstream") { showUpstream(&$0) }
        yaml.section("limits") { showLimits(&$0) }
        yaml.member("default_tier", .text(defaultTier))
        yaml.section("tiers") { yaml in
            for tier in tiers.all { yaml.section(tier.name) { Self.show(tier, &$0) } }
        }
        yaml.section("teams") { yaml in
            for (name, tier) in teams.sorted(by: { $0.key < $1.key }) {
                yaml.section(name) { $0.member("tier", .text(tier)) }
            }
        }
        yaml.section("models") { showModels(&$0) }
        yaml.section("metering") { yaml in
            yaml.member("on_disconnect", .text(metering.onDisconnect.rawValue))
            yaml.member("user_header", .text(metering.userHeader))
            yaml.member("retention", metering.retention.map { .duration($0) } ?? .null)
        }
        yaml.section("alerts") { yaml in
            yaml.member("webhook", .secret(alerts.webhook))
            yaml.member("secret", .secret(alerts.secret))
        }
        yaml.section("log") { yaml in
            yaml.member("level", .text(log.level.rawValue))
            yaml.member("format", log.format.map { .text($0.rawValue) } ?? .null)
            yaml.member("access", .boolean(log.access))
            yaml.member("access_file", log.accessFile.map { .text($0) } ?? .null)
        }
        return yaml.text
    }

    private func showListeners(_ yaml: inout YAMLWriter) {
        yaml.list("listen", of: listen) { Self.show($0, &$1) }
        yaml.section("admin") { yaml in
            if admin.listen.tls == nil {
                yaml.member("listen", .text(admin.listen.text))
            } else {
                yaml.section("listen") { Self.show(admin.listen, &$0) }
            }
            yaml.member("token", .secret(admin.token))
        }
    }

    private static func show(_ address: ListenAddress, _ yaml: inout YAMLWriter) {
        yaml.member("address", .text(address.text))
        guard let tls = address.tls else { return }
        yaml.section("tls") { yaml in
            yaml.member("certificate", .text(tls.certificate))
            yaml.member("key", .text(tls.key))
            yaml.member("client_ca", .optional(tls.clientCA))
        }
    }

    private func showUpstream(_ yaml: inout YAMLWriter) {
        yaml.member("base_url", .text(upstream.baseURL.text))
        yaml.member("api_keys", .list(upstream.apiKeys.map { .secret($0) }))
        yaml.member("tier", .optional(upstream.tier))
        yaml.member("connect_timeout", .duration(upstream.connectTimeout))
        yaml.member("first_byte_timeout", .duration(upstream.firstByteTimeout))
        yaml.member("idle_timeout", .duration(upstream.idleTimeout))
        yaml.member("max_connections", .integer(upstream.maxConnections))
        yaml.member("retries", .integer(upstream.retries))
        yaml.member("ca_file", .optional(upstream.caFile))
    }

    private func showLimits(_ yaml: inout YAMLWriter) {
        yaml.member("header_bytes", .size(limits.headerBytes))
        yaml.member("body_bytes", .size(limits.bodyBytes))
        yaml.member("upload_bytes", .size(limits.uploadBytes))
        yaml.member("memory_body_bytes", .size(limits.memoryBodyBytes))
        yaml.member("connections", .integer(limits.connections))
        yaml.member("header_timeout", .duration(limits.headerTimeout))
        yaml.member("body_timeout", .duration(limits.bodyTimeout))
        yaml.member("idle_timeout", .duration(limits.idleTimeout))
        yaml.member("drain_timeout", .duration(limits.drainTimeout))
        yaml.member("reset_format", .text(limits.resetFormat.rawValue))
    }

    private static func show(_ tier: Tier, _ yaml: inout YAMLWriter) {
        func list(_ patterns: [NamePattern]?) -> YAMLWriter.Value {
            patterns.map { .list($0.map { .text($0.text) }) } ?? .null
        }
        for kind in LimitKind.allCases {
            let limit = tier[kind]
            yaml.member(
                kind.rawValue,
                kind.isMoney ? limit.map { .decimal($0, places: 9) } ?? .null : .optional(limit))
        }
        yaml.member("output_reservation", .optional(tier.outputReservation))
        yaml.member("overrun", .text(tier.overrun.rawValue))
        yaml.member("alert_at", .list(tier.alertAt.map { .integer($0) }))
        yaml.member("weight", .integer(tier.weight))
        yaml.member("models", list(tier.models))
        yaml.member("endpoints", list(tier.endpoints))
    }

    private func showModels(_ yaml: inout YAMLWriter) {
        yaml.section("aliases") { yaml in
            for (alias, model) in models.aliases.sorted(by: { $0.key < $1.key }) { yaml.member(alias, .text(model)) }
        }
        yaml.section("prices") { yaml in
            yaml.section(ModelReader.standardName) { Self.show(models.prices.standard, &$0) }
            for (model, prices) in models.prices.models.sorted(by: { $0.key < $1.key }) {
                yaml.section(model) { Self.show(prices, &$0) }
            }
        }
        yaml.section("energy_kwh_per_million_tokens") { yaml in
            for (model, energy) in models.energyOverrides.sorted(by: { $0.key < $1.key }) {
                yaml.member(model, .decimal(energy, places: 6))
            }
        }
    }

    private static func show(_ prices: ModelPrices, _ yaml: inout YAMLWriter) {
        func perMillion(_ price: Int64?) -> YAMLWriter.Value { price.map { .decimal($0, places: 3) } ?? .null }
        yaml.member("input", perMillion(prices.input))
        yaml.member("output", perMillion(prices.output))
        yaml.member("reasoning", perMillion(prices.reasoning))
        yaml.member("rerank", perMillion(prices.rerank))
        yaml.member("batch_input", perMillion(prices.batchInput))
        yaml.member("batch_output", perMillion(prices.batchOutput))
        yaml.member("audio_minute", .decimal(prices.audioMinute, places: 9))
        yaml.member("speech", perMillion(prices.speechCharacter))
        yaml.member("image", .decimal(prices.image, places: 9))
    }
}
