# What cron or systemd start by the schedule that `oratio-health install` has written, whichever copy of it.
schedule() {
    grep -hv '^#' "$DPKG_ROOT/etc/cron.d/oratio-health" 2>/dev/null || :
    grep -h '^ExecStart=' "$DPKG_ROOT"/etc/systemd/system/oratio-health-*.service 2>/dev/null || :
}
# Links followed: /bin is /usr/bin on most hosts. This package's files may be gone already. In a subshell: a * is no file.
starts_ours() (
    words=$(schedule | tr '="' '  ')
    set -f
    top=$(readlink -m "$DPKG_ROOT/")
    top=${top%/}
    for word in $words; do
        # A line that somebody has written may leave it to PATH.
        if [ "$word" = oratio-health ]; then
            word=/usr/local/bin/oratio-health
            [ -e "$DPKG_ROOT$word" ] || word=/usr/bin/oratio-health
        fi
        case $word in
            /*) case $(readlink -m "$DPKG_ROOT$word") in
                "$top/usr/bin/oratio-health" | "$top/usr/lib/oratio-health"/*) exit 0 ;;
            esac ;;
        esac
    done
    exit 1
)
# Such as npm has put there, or the single executable.
is_of_another() { schedule | grep -q . && ! starts_ours; }
