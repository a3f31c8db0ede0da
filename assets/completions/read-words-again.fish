    if not argparse -s (__fish_easyauth_doctor_global_optspecs) -- $cmd 2>/dev/null
        set -e cmd[-1]
        argparse -s (__fish_easyauth_doctor_global_optspecs) -- $cmd 2>/dev/null
        or return
    end
