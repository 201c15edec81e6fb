# Steward 的中文文案。用词平实，句子简短，不责怪任何人。

# 取值与来源。
value-yes = 是
value-no = 否
value-none = 无
source-said = 您说的
source-said-so = 您说的“{ $words }”
source-chosen = 所选
source-default = 默认
source-carried-over = 沿用

kind-string = 一段文字
kind-integer = 整数
kind-number = 数字
kind-boolean = 是或否
kind-choice = 选项之一
kind-duration = 时长
kind-datetime = 日期时间
kind-version = 版本号
kind-host = 主机名
kind-ip = IP 地址
kind-url = 网址
kind-path = 路径
kind-email = 邮箱地址
kind-percent = 百分比
kind-size = 容量大小
kind-user = 用户名
kind-branch = 分支名
kind-list = 列表

value-wrong-type = “{ $value }”不合适，这里需要：{ $kind }。
value-too-small = { $value } 低于允许的最小值 { $min }。
value-too-large = { $value } 高于允许的最大值 { $max }。
value-pattern-mismatch = “{ $value }”的格式不对，不能作为“{ $parameter }”。
value-not-a-choice = “{ $value }”不在可选项中。
value-secret-typed = 聊天中不能直接给出密钥。请给出密钥库中的条目名；如果刚才是真实密钥，请尽快更换。
value-too-long = 太长了，最多 { $max } 个字符。
value-forbidden-characters = 其中含有不允许的字符。
value-looks-like-option = “{ $value }”以短横线开头，像命令选项，不允许这样。
value-path-traversal = “{ $value }”用“..”跳出了目录，不允许这样。
value-empty = 内容为空。

problem-same = { $parameter } 与 { $other } 不能相同。
problem-order = { $parameter } 与 { $other } 不匹配：结束必须晚于开始。
problem-not-understood = 这句话里没有找到可用的值。
problem-required = “{ $parameter }”是必填项，不能省略。
problem-no-default = { $parameter } 没有默认值。
problem-no-earlier-value = 没有可沿用的值。

# 提问。
asks-job = { $job }。
asks-returning = 回到“{ $job }”。
asks-value = 请提供“{ $parameter }”（{ $description }）
asks-value-beside = 请提供“{ $parameter }”（{ $description }；{ $other }：{ $value }）
asks-use-default = { $parameter }（{ $description }）：使用默认值 { $value } 吗？（回答“是”，或给出其他值）
asks-optional = { $parameter }（{ $description }）：可选项，请给出取值，或说“跳过”。
asks-example = 例如：{ $value }
asks-stuck = 如果一直不顺利，可以查看帮助，或放弃这次请求。
example-datetime = 明天上午9点

offers-intent = 您指的是下面哪一个？
offers-value = 您指的是哪个 { $parameter }？
offers-one-completion = “{ $typed }”：您指的是这个吗？
offers-completions = “{ $typed }”可能是下面之一：
offers-parameter = 要修改哪一项？
offers-execution = 您指的是哪次执行？

option-none-of-these = 都不是
option-use-default = 使用默认值
option-skip = 跳过
option-parameter = { $parameter }（{ $description }）
option-switch-keep = 先保留，转到新的
option-switch-drop = 放弃它，转到新的
option-stay = 继续原来的
option-draft = 草稿 { $id }
option-help = 帮助
option-abort = 放弃
option-again = 重新执行 #{ $number } { $text }
option-retry = 重试 #{ $number } 中失败的部分
option-undo = 撤销 #{ $number }

# 计划。
plan-title = { $job }（尚未执行）
plan-changed = 计划有变，请重新确认。
plan-changed-so = 改动：{ $changes }。请重新确认。
plan-change = { $parameter } 由 { $from } 改为 { $to }
plan-pair = 从 { $from } 到 { $to }，对吗？
plan-question = 要执行吗？
button-run = 执行
button-change = 修改
button-cancel = 取消

# 对话中的其他情形。
cancelled = 已放弃“{ $job }”，没有执行任何操作。
cancelled-nothing = 没有可放弃的内容。
rejected = 没听懂，或者这不是我能做的事。说“帮助”看看可以做什么。
greeting = 您好！请告诉我要执行什么，或说“帮助”。
asks-switch = “{ $from }”还没完成，现在您想要“{ $to }”。前一个怎么处理？
drafts-title = 有 { $count } 个草稿：
draft-line = { $job }（{ $values }），{ $since } 起

note-expired = 已有一段时间没有对话，我们重新开始。
note-expired-draft = 已有一段时间没有对话，“{ $job }”已搁置，没有执行任何操作。
note-expired-kept = 已有一段时间没有对话，“{ $job }”已存为草稿 { $id }。说“继续草稿 { $id }”可接着做。没有执行任何操作。
note-stale = 这个问题已经结束，没有做任何操作。
note-nothing-open = 目前没有与此相关的待处理内容。
note-paused = “{ $job }”先等着，准备好了说“继续”。
note-started-over = “{ $job }”，从头开始。
note-draft-kept = “{ $job }”已存为草稿 { $id }。
note-draft-resumed = 继续“{ $job }”。
note-draft-dropped = “{ $job }”的草稿已删除。
note-no-drafts = 没有草稿。
note-no-such-draft = 没有这个草稿。
note-no-such-option = 只有 { $count } 个选项。
note-none-of-these = 那请换个说法，或说“帮助”看看有什么。
note-nothing-to-repeat = 您还没有执行过可以重复的操作。
note-nothing-failed = #{ $number } 没有失败的部分。
note-no-inverse = 没有可以撤销“{ $job }”的作业。
note-no-referent = 不清楚“{ $words }”指什么，请说出名称。
note-nothing-to-change = 没有这个名称的项可改。
note-time-is-over = “{ $words }”已经过去，不作为执行时间；确认后立即执行。
note-not-used = 没有用到{ $words }。请说明它的意思，或者不管它继续。
note-turned-down = 您说了“{ $words }”，所以什么都不执行。
note-noted = 已记下：{ $values }。
note-taken-back = 已撤回上一次修改。
note-only-plain-yes = 我无法替您等待某个条件。请求会保留，可以执行时请直接说“是”。
note-more-than-yes = 您说的不只是“是”，我看不出其余部分要改什么。要原样执行请只说“是”，或者说明要改什么。
note-unchanged = 已经是这样了。
note-nothing-to-swap = 没有可以互换的两个值。
note-secret-refused = 这看起来像密钥，没有保存。{ $parameter } 只接受密钥库中的条目名。如果是真实密钥，请尽快更换。

no-such-execution = 没有 #{ $number } 这次执行。


# 拒绝。
refusal-unknown-user = 还不认识您。请管理员关联您的账号：渠道“{ $channel }”，ID“{ $id }”。发送 /link 可获取一个方便关联的代码。
refusal-disabled = 用户 { $user } 已停用，这里无法为您服务，请联系管理员。
refusal-rule = 规则“{ $rule }”，{ $file }:{ $line }
refusal-denied = 您无权{ $what }（{ $rule }）。
refusal-not-allowed = 您无权{ $what }：没有规则允许。请管理员授权给 { $user }。
refusal-not-allowed-roles = 您无权{ $what }：没有规则允许。请管理员为 { $user } 添加以下角色之一：{ $roles }。
refusal-unknown-template = 作业“{ $template }”已不存在。
refusal-nothing-to-confirm = 没有待确认的计划，没有做任何操作，请重新提出。
refusal-plan-expired = 这个计划已过期，没有做任何操作，请重新提出。
refusal-plan-used = 这个计划已经用过了，没有做任何操作。
refusal-not-the-requester = 只有 { $requester } 可以确认。
refusal-wrong-place = 计划需在提出它的地方确认。
refusal-compliance-sensitive = 这个作业不能这样执行（{ $rule }）。
refusal-compliance-hours = 这个时间不能执行（{ $rule }）。
refusal-compliance-frequency = 近期执行过于频繁（{ $rule }）。
refusal-many-messages = 消息太快，来不及处理。
refusal-many-messages-chat = 这个聊天的消息太多，来不及处理。
refusal-many-runs = 您短时间内发起了太多执行。
refusal-many-runs-chat = 这个聊天短时间内发起了太多执行。
refusal-try-later = { $text }请在 { $seconds } 秒后再试。
refusal-check-failed = 现在不能执行：{ $reason }
refusal-busy = { $requester } 自 { $since } 起正在 { $target } 上执行“{ $job }”。请等待其结束，或取消它。
refusal-too-many-targets = 一次执行有 { $targets } 个目标，最多 { $most } 个。
refusal-approval-open = 仍在等待审批：已有 { $granted }/{ $needed }。
refusal-approval-rejected = { $by } 已拒绝：{ $reason }
refusal-approval-expired = 未能及时获得审批，没有执行，请重新提出。
refusal-approval-withdrawn = 审批请求已撤回。
refusal-no-such-approval = 没有这个审批请求。
refusal-own-run = 不能审批自己的执行。
refusal-not-an-approver = 这件事不由您决定，应由：{ $who }。
refusal-decided-already = { $by } 已经做过决定。
refusal-reason-missing = 请同时说明理由。
refusal-bad-code = 代码有误、已使用或已过期。
refusal-no-such-user = 没有用户 { $user }。
refusal-audit-unavailable = 审计日志无法写入，因此不执行任何操作。
refusal-store-unavailable = 暂时无法读写自身数据，因此不执行任何操作。

deed-run = 在这里执行作业
deed-run-job = 这样执行“{ $job }”
deed-use-chatops = 在这里使用 Steward
deed-status = 在这里查看执行状态
deed-list = 在这里列出作业
deed-cancel = 取消这次执行
deed-help = 在这里获取帮助
deed-history = 在这里查看历史
deed-logs = 查看这份输出
deed-schedule = 安排这次执行
deed-approve = 审批
deed-settings = 在这里修改设置
deed-break-glass = 绕过审批执行
deed-audit = 查看审计日志
deed-admin = 进行管理操作

notice-sensitive = 这个作业被标记为敏感。
notice-hours = 当前不在常规时间段。
notice-frequency = 近期已多次执行。
notice-warning = ⚠ { $text }
requirement = 需要 { $count } 人批准，可批准者：{ $who }。

# 执行。
headline = #{ $number } { $job }：{ $state }
headline-running = #{ $number } { $job }：{ $state }，{ $duration }
headline-ended = #{ $number } { $job }：{ $state }，用时 { $duration }
card-left = { $line }，大约还需 { $left }
state-queued = 等待开始
state-awaiting-approval = 等待审批
state-starting = 正在启动
state-running = 执行中
state-succeeded = 成功
state-failed = 失败
state-cancelled = 已取消
state-timed-out = 超时
state-lost = 失去联系
reason-never-started = 从未启动：Steward 在此之前停止了。没有执行，也不会再执行。
reason-gone = 平台已不认识这次执行，无法得知结果。
reason-no-platform = 没有配置这个作业所用的平台。
reason-time-limit = 执行时间超过了上限。
reason-cancelled = 已被取消。
button-log = 日志
button-stop = 停止
button-again = 再次执行
button-retry-failed = 重试失败的
button-undo = 撤销
followed = 之后会在这里告诉您 #{ $number } 的进展。
button-follow = 关注
button-unfollow = 取消关注
unfollowed = 不再在这里通知 #{ $number } 的进展。
chart-trend = 最近 { $count } 次执行：{ $line }（本次 { $last }）
chart-resources = 内存变化：{ $line }（最高 { $most }）
chart-errors = 共 { $count } 个错误，{ $kinds } 类：{ $line }

report-compared = { $outcome }（{ $compared }）
report-usual = 通常 { $usual }
report-slower = 通常 { $usual }，这次慢了 { $percent }%
report-cause = 可能的原因：{ $cause }
report-exit-code = 退出码 { $code }。
report-times = { $count } 次
report-error = 错误
report-failed-targets = { $count } 个目标失败：
report-of = { $part }/{ $all }
report-success-rate = 成功
report-resources-name = 用量
report-resources = CPU { $cpu }，内存 { $memory }

# 审批。
approval-title = #{ $number }：{ $requester } 请求审批：{ $job }
approval-question = 是否批准？（{ $expires } 前有效）
approval-waits = #{ $number } 正在等待审批（{ $granted }/{ $needed }），{ $expires } 前有效。有结果会告诉您。
approval-earlier = 您之前的请求 #{ $number }（{ $values }）也还在等待审批。
approval-of-yours = 关于您的请求 #{ $number }（{ $job }）：
approval-noted-to-you = { $by } 已批准 #{ $number }（{ $job }）：{ $granted }/{ $needed }。
approval-expired = 未能及时获得足够的批准（{ $granted }/{ $needed }），没有执行任何操作。
approval-not-started = 已获批准，但未能及时开始，没有执行任何操作。
approval-ask-again = 如仍需要，请重新提出。
approval-retracted-to-you = { $by } 撤回了对 #{ $number }（{ $job }）的批准：{ $granted }/{ $needed }。
approval-retracted = 您已撤回对“{ $job }”的批准。
approval-reason = { $by }：“{ $reason }”
waiting-line = #{ $number } { $job }（{ $values }），{ $requester } 发起：等待审批，{ $granted }/{ $needed }
withdrawn = 您的请求 #{ $number }“{ $job }”已撤回，什么都没有执行。
withdraw-nothing = 没有您可以撤回的等待项。
withdraw-which = 您要撤回哪一个？
button-withdraw = 撤回请求
button-withdraw-number = 撤回 #{ $number }
button-retract = 撤回我的批准
button-break-glass = 紧急：不经审批执行
button-leave-it = 算了
reason-reject = 为什么驳回“{ $job }”？您接下来写的内容会告诉发起人。
reason-break-glass = “{ $job }”为什么不能等？请写明理由。理由会被记录，所有本应审批的人都会收到通知。
reason-dropped = 保持原样。
emergency-title = ⚠ 紧急执行：{ $by } 未经所需审批执行了 { $job }（#{ $number }）
emergency-reason = 所述理由：“{ $reason }”
emergency-nothing = 您没有等待确认或审批的请求，请先提出要执行的作业。
approval-none = 没有等待您审批的内容。
approval-several = 有 { $count } 项等待您处理：
approval-rejected = 已驳回“{ $job }”，没有执行任何操作。
approval-granted = 已批准“{ $job }”，编号 #{ $number }，开始执行。
approval-granted-later = #{ $number } 已获批准，一旦可以就会开始。{ $reason }
approval-granted-to-you = { $by } 已批准，编号 #{ $number }，开始执行。
approval-noted = 已记录您对“{ $job }”的批准：{ $granted }/{ $needed }。
button-approve = 批准
button-reject = 驳回

# 定时安排。
plan-when = 时间
plan-question-later = 要这样安排吗？
button-schedule = 安排
schedule-made = { $name } { $job }：已安排，{ $when }。到时会再次检查是否允许执行。
schedule-line = { $name } { $job }：{ $when }
schedule-paused = { $name } { $job }：{ $when }（已暂停）
schedule-held = 已暂停
schedule-next = 下一次：{ $at }
schedule-dropped = { $name } { $job } 已取消，不再执行。
schedule-by = { $by } 更改了您的定时安排：
schedule-soon = { $name } { $job }（{ $values }）将在 { $at } 执行。
schedule-now = { $name } 到时间了。
schedule-late = { $count ->
    [1] { $name } 本应在 { $at } 执行，当时我没有运行。现在补上。
   *[other] 我没有运行期间，{ $name } 错过了 { $count } 次，最近一次是 { $at }。现在补执行一次。
}
schedule-skipped = { $count ->
    [1] { $name } { $job } 本应在 { $at } 执行，当时我没有运行，已跳过。
   *[other] 我没有运行期间，{ $name } { $job } 错过了 { $count } 次，最近一次是 { $at }，均已跳过。
}
schedule-refused = { $name } { $job } 到时间了，但没有执行：
schedule-when = { $name } 改到什么时候？例如“把 { $name } 改到明天 9:00”。
schedule-which = 是哪一个？
schedules-none = 没有定时安排。
schedules-title = 共有 { $count } 个定时安排，最近的在前：
schedules-how = 需要调整时可以说“暂停 { $name }”“取消 { $name }”或“把 { $name } 改到 9:00”。
button-pause = 暂停
button-resume = 恢复
button-drop = 取消安排
no-such-schedule = 没有定时安排 { $name }。
trouble-past = 这个时间已经过去了。
trouble-when = 无法这样安排：{ $reason }
when-once = { $at }
when-zone = { $when }（{ $zone }）
rhythm-cron = 按 cron 表达式 { $cron }
rhythm-days = { $days } { $at }
rhythm-minutes = { $count ->
    [1] 每分钟
   *[other] 每{ $count }分钟
}
rhythm-hours = { $count ->
    [1] 每小时的第{ $minute }分
   *[other] 每{ $count }小时的第{ $minute }分
}
days-all = 每天
days-work = 工作日
days-weekend = 周末
days-week = 每逢{ $days }
days-month = 每月{ $days }
day-monday = 周一
day-tuesday = 周二
day-wednesday = 周三
day-thursday = 周四
day-friday = 周五
day-saturday = 周六
day-sunday = 周日

# 命令的回答。
status-none = 没有找到您的这次执行。
status-running = 有 { $count } 个执行正在进行：
status-idle = 目前没有正在执行的作业。
status-idle-last = 目前没有正在执行的作业。您上一次的执行：{ $last }
cancel-nothing = 您没有正在进行的执行。
cancel-which = 要停止哪一个？
cancel-asked = 已请求停止 #{ $number } { $job }。
cancel-done = 已取消 #{ $number } { $job }。
history-title = { $count } 次执行，最近的在前：
history-none = 没有这样的执行。
history-none-with = 这里没有叫“{ $words }”的人，也没有带有“{ $words }”的执行。
history-rejected = { $count } 个请求被驳回（最近的在前）：
unknown-user = 这里没有名为“{ $value }”的人。
unknown-outcome = “{ $value }”不是一种结果；可用的有：{ $known }。
# 人们在说明“谁的执行”时对自己和对所有人的称呼。
words-me = 我|我的|自己|本人
words-everybody = 所有人|大家|全部|全体|每个人|任何人|所有用户
logs-not-started = { $headline }。还没有输出。
logs-empty = 还没有输出。
logs-no-errors = 其中没有与错误有关的行。
logs-tail = 最后 { $count } 行：
logs-file = 输出共 { $count } 行：
button-whole-log = 全部输出
list-all = 您在这里可以执行 { $count } 个作业，按类别：
list-some = 您可以执行：
list-line = { $job }：{ $description }
list-none-like = 没有与“{ $words }”有关的作业。现有的作业：
list-used = 执行最多的作业：
list-nothing-allowed = 这里没有您可以执行的作业，请向管理员申请相应角色。
command-not-here = 这里不能进行“{ $command }”。

help-title = 我替您执行作业：直接说您要做什么，细节可说可不说。您可以执行 { $count } 个作业。
help-used = 您常用的：
help-recommended = 与您同角色的人常用的：
help-used-recommended = 您和同角色的人常用的：
help-some = 例如：
help-commands = 命令：{ $commands }
help-parameter = { $parameter }：{ $description }。类型：{ $kind }。
help-choices = 可选：{ $choices }。
help-range = 范围 { $min } 到 { $max }。
help-default = 默认 { $value }。
help-optional = 可以不填。
help-required = 必填。
help-secret = 只接受密钥库中的条目名，不接受密钥本身。
help-say = 可以这样说：{ $examples }
tip = 小提示：{ $text }
tip-all-at-once = 一句话就能说全，例如“把 cart-service 7.4.0 部署到预发”。
tip-correct = 执行之前都可以改：“不是预发，是生产”。
tip-again = “再来一次”“在生产上再来一次”“web-02 也一样”会从您上一次的执行开始。
tip-slash = 每个命令也可以写成 /命令，例如 /状态 或 /历史。
tip-drafts = 随时可以说别的事，没做完的可以存为草稿。
tip-settings = “每个参数都问我”“总是用英文回答”都是设置，说“设置”即可。

settings-language = 语言
settings-language-spoken = 与您使用的一致
settings-language-en = 英文
settings-language-zh = 中文
settings-collect = 询问方式
settings-collect-template = 由各作业决定
settings-collect-required = 只问必填项
settings-collect-full = 逐项询问
settings-time-zone = 时区
settings-changed = 已修改。
settings-how = 要修改，可以说“用英文回答”“每个参数都问我”或“把我的时区设为 Asia/Shanghai”。
settings-so-already = 已经是这样了。
settings-not-a-value = 没有找到要设置的新值。可用的取值：
settings-values = 语言：英文、中文 · 询问方式：必填、全部 · 时区：如 Asia/Shanghai 的名称
settings-bad-language = 我会说中文和英文，但不会“{ $value }”。
settings-bad-collect = “{ $value }”应为“必填”或“全部”。
settings-bad-time-zone = “{ $value }”不是时区，请使用 Asia/Shanghai 这样的名称。

link-code = 您的代码是 { $code }。请交给管理员，由其在此发送“/link { $code }”加您的用户 id，或执行“steward users link { $code } --user 用户”完成关联，一小时内有效。
link-known = 您已关联：您是 { $user }。管理员可用“/link 代码 用户”关联他人的账号。
link-how = 请发送“/link 代码 用户”（他人得到的代码和其用户 id），或“/unlink 渠道 ID”取消关联。
link-done = { $channel } 上的 { $name }（{ $account }）现在是 { $user }。
unlink-done = { $channel } 上的 { $account } 不再是 { $user }。
unlink-none = { $channel } 上的 { $account } 没有通过代码关联任何人。users.yaml 中的账号请在文件中移除。
button-not-yours = 这个按钮是别人的。
secret-typed = 这条消息里有像密码或密钥的内容。我没有保存，也没有执行任何操作。如果是真的，请立即更换：它已经出现在聊天里。之后请用它在密钥库中的条目名称重新提出请求。
too-long = 太长了，最多 { $most } 个字符。

# 故障。
trouble-system = 我这边出了问题，没有启动任何操作。
trouble-platform-refused = 无法进行：{ $reason }
trouble-platform-unreachable = { $platform } 没有回应，尚不清楚那边是否发生了什么，我会继续查看。
trouble-platform-unknown = 平台已不认识这次执行。
trouble-platform-credentials = { $platform } 不接受我的凭据，需要管理员处理。
trouble-platform-protocol = { $platform } 的回应无法理解。
trouble-no-platform = 没有配置平台“{ $name }”。
trouble-over = #{ $number } 已经结束：{ $state }。
trouble-id = 编号：{ $id }
trouble-support = 需要帮助？请联系{ $contact }。
button-try-again = 再看看
button-history = 历史
button-help = 帮助
word-help = 帮助

# Telegram.
telegram-no-words = 我只能读文字。请用文字告诉我要做什么。
telegram-forwarded = 这是转发的消息，我不会当作您的请求。如需执行，请您自己说一遍。
telegram-anonymous = 我看不出您是谁：您在以群组或频道的名义发言。请在管理员权限中关闭“匿名”，然后再说一遍。

# 终端。
terminal-welcome = Steward。请说要执行什么，或说“帮助”；按 Ctrl-D 离开。
terminal-how-to-leave = 按 Ctrl-D 离开，正在执行的会继续。
terminal-runs-go-on = 还有执行在进行，会继续下去。再次启动 steward 可查看结果。

# 网页。
web-language-code = zh-CN
web-skip = 跳到内容
web-nav = 页面
web-nav-chat = 对话
web-nav-runs = 执行
web-nav-jobs = 操作目录
web-nav-approvals = 审批
web-nav-schedules = 定时
web-nav-drafts = 草稿
web-nav-audit = 审计
web-waiting-label = 等待您审批的执行
web-log-in = 登录
web-log-in-as = 此链接将以 { $name } 的身份登录，只能使用一次。
web-log-in-how = 登录需要一次性链接。请联系管理员，在运行 Steward 的机器上生成：
web-link-bad = 此链接无法登录：可能已被使用、已过期或输入有误。
web-log-out = 退出
web-error = 没有成功
web-nothing-here = 这里什么也没有。
web-back-to-chat = 回到对话
web-chat-title = 与 Steward 对话
web-messages = 消息
web-you = 您
web-connection-lost = 连接已断开，正在重试…
web-not-sent = 没有发出，请再试一次。
web-too-fast = 消息太多，请稍候。
web-welcome = 您好，{ $name }。
web-welcome-how = 请用中文或英文说要执行什么，例如“重启 web-03 上的 nginx”。我会先给您看将要执行的内容，您确认之前什么都不会执行。
web-welcome-jobs = 我能执行什么？
web-welcome-status = 现在在执行什么？
web-newer = 新消息
web-say-label = 您的消息
web-say-placeholder = 重启 web-03 上的 nginx
web-say-hint = 回车发送，Shift+回车换行，按 Esc 回到输入框。
web-send = 发送
web-log-tail = 输出的最后几行
web-now = 正在发生
web-running = 正在执行
web-running-none = 没有正在执行的操作。
web-waiting = 有 { $count } 个执行等待您审批
web-draft-since = { $at } 搁置
web-draft-open = 正在对话中
web-draft-resume = 继续
web-drafts-none = 没有草稿。
web-recent = 最近
web-recent-none = 还没有执行过任何操作。
web-older = 更早的执行
web-run = 执行
web-values = 参数
web-state = 状态
web-duration = 用时
web-at = 时间
web-by = 发起人
web-report = 报告
web-history = 经过
web-charts = 图表
web-log = 输出
web-log-empty = 没有输出。
web-find = 查找
web-risk-high = 高风险
web-form-needed = 必填
web-form-required = 此项必填。
web-form-choose = 请选择…
web-form-default = 不填则为 { $value }
web-form-plan = 查看计划
web-form-nothing-runs = 现在什么都不会执行：计划会显示在对话中，等待您确认。
web-form-wrong = 有 { $count } 个值不能使用。
web-form-sent = { $job }（通过表单）
web-approval-by = { $requester } 于 { $at } 提出，{ $expires } 前有效
web-approval-progress = { $needed } 个审批中已有 { $granted } 个
web-approval-reason = 理由（会告知申请人）
web-approval-decided = 您已批准。
web-schedule = 定时
web-next = 下一次
web-schedule-change = 修改
web-when = 时间规则
web-event = 事件
web-all = 全部
web-show = 查看
web-record = 序号
web-what = 内容
web-remark = 备注
web-audit-none = 没有这样的记录。

# 时间、同时说多件事、命令。
thanks = 不客气。
goodbye = 再见！
asks-when-no-time = “{ $words }”：“{ $job }”要在几点执行？例如“凌晨三点”；也可以确认后立即执行。
asks-when-several = “{ $words }”：“{ $job }”要在什么时候执行？
asks-when-no-rhythm = 无法按“{ $words }”的周期安排。“{ $job }”要在什么时候执行？例如“每天凌晨两点”或“明天 9:00”。
asks-when-past = “{ $words }”已经过去了。“{ $job }”要在什么时候执行？例如“明天 9:00”；也可以确认后立即执行。
offers-several = 一次只能填一个{ $parameter }，您指的是哪一个？
option-each = 全部，依次执行
option-now = 确认后立即执行
note-several-jobs = 这里不止一个作业，逐个来：{ $jobs }。
note-next = 下一个：“{ $job }”。
note-rest-dropped = 后面的 { $count } 个也一并放弃。
note-which-one = 是哪一个？请说编号或名称。
note-no-such-command = 没有命令 { $typed }。说“帮助”可以查看可用的命令。
note-no-such-command-near = 没有命令 { $typed }。是不是想用 { $near }？
