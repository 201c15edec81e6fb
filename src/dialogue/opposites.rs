//! Opposites: "close the port" is near to "open the port" in every sentence model, and means the
//! one thing that must not be done.
//!
//! Which job is meant is the model's part. Here it is only doubted, where a message has the
//! opposite of the verb by which the job is called, and not that verb itself.

use super::cues;
use super::heard::{Heard, Meaning};
use super::turn::Talk;
use crate::catalog::{JobTemplate, Language};

/// Verbs that operations undo one another by, both ways round.
const OPPOSITES: [(&[&str], &[&str]); 14] = [
    (&["open", "allow", "permit"], &["close", "block"]),
    (&["create", "add"], &["delete", "remove", "drop"]),
    (&["grant", "give"], &["revoke", "take away"]),
    (&["unlock"], &["lock"]),
    (&["restart", "reboot", "start"], &["stop", "halt", "shut down", "shutdown", "power off"]),
    (&["deploy", "install"], &["undeploy", "uninstall"]),
    (&["silence", "mute"], &["unsilence", "unmute"]),
    (&["drain"], &["undrain", "uncordon"]),
    (&["enable"], &["disable"]),
    (&["开通", "放行", "开放", "打开"], &["关闭", "关掉", "封掉", "封禁"]),
    (&["创建", "新建"], &["删除", "删掉", "删了"]),
    (&["授权", "授予"], &["收回", "撤销", "回收"]),
    (&["重启", "启动"], &["关机", "停掉", "停止", "下线"]),
    (&["部署", "安装"], &["卸载"]),
];

/// With these before it, a Chinese verb is undone: 取消屏蔽.
const UNDOING: [&str; 4] = ["取消", "解除", "撤销", "停止"];

impl Talk<'_> {
    /// The word of a request that says the opposite of the job it is taken for.
    pub(super) fn opposite_said(&self, heard: &Heard, meaning: &Meaning) -> Option<String> {
        opposite(&heard.text, self.template(meaning.job()?)?)
    }
}

fn opposite(text: &str, template: &JobTemplate) -> Option<String> {
    let names = [
        template.name.get(Language::En).to_lowercase(),
        template.name.get(Language::Zh).to_owned(),
        template.id.as_str().replace('_', " "),
    ];
    opposite_of(text, &names)
}

fn opposite_of(text: &str, names: &[String]) -> Option<String> {
    let lower = text.to_lowercase();
    let says = |text: &str, word: &str| cues::occurrences(text, word).next().is_some();
    let called = |verbs: &[&str]| names.iter().any(|name| verbs.iter().any(|v| says(name, v)));
    let both_ways = OPPOSITES.iter().flat_map(|&(a, b)| [(a, b), (b, a)]);
    let undone = both_ways.filter(|(own, _)| called(own) && !own.iter().any(|v| says(&lower, v)));
    let verb = undone.flat_map(|(_, others)| others).find(|verb| says(&lower, verb));
    if let Some(verb) = verb {
        return Some((*verb).to_owned());
    }
    let chinese = names.iter().filter(|name| !name.is_ascii()).map(String::as_str);
    let verbs = chinese.map(|name| name.chars().take(2).collect::<String>());
    verbs
        .flat_map(|verb| UNDOING.map(|undoing| format!("{undoing}{verb}")))
        .find(|words| lower.contains(words))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_opposite_is_no_request_for_the_job() {
        let check = |text: &str, names: [&str; 2], expect: Option<&str>| {
            let names = names.map(str::to_owned);
            assert_eq!(opposite_of(text, &names).as_deref(), expect, "{text}");
        };
        let port = ["open port", "开通端口"];
        check("close the port 5432 from 10.1.0.4 to 10.2.0.9", port, Some("close"));
        check("open port 5432, close it tomorrow", port, None);
        check("关闭 5432 端口", port, Some("关闭"));
        check("undrain web-12", ["drain host", "摘除主机流量"], Some("undrain"));
        check("shut down web-01", ["reboot host", "重启主机"], Some("shut down"));
        check("取消屏蔽 DiskFull", ["silence alert", "屏蔽告警"], Some("取消屏蔽"));
        check("删除 topic", ["create topic", "创建主题"], Some("删除"));
        check("lock bob's account", ["unlock account", "解锁账号"], Some("lock"));
        check("unlock bob", ["unlock account", "解锁账号"], None);
        check("revoke bob's access", ["revoke access", "收回权限"], None);
        check("grant bob access", ["revoke access", "收回权限"], Some("grant"));
    }
}
