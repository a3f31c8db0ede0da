complete -c easyauth-doctor -n '__fish_easyauth_doctor_using_subcommand COMMAND' -f -a 'WORDS'
