# Run as a script when building: manual pages and completions out of the command's own tables.
# COMMAND: the built wasmpack. FOLDER: what becomes PREFIX/share.
execute_process(COMMAND "${COMMAND}" help OUTPUT_VARIABLE overview COMMAND_ERROR_IS_FATAL ANY)
string(REGEX MATCHALL "\n  [a-z][a-z-]*  +" rows "${overview}")
string(REGEX REPLACE "[ \n]+" "" rows "${rows}")
file(MAKE_DIRECTORY "${FOLDER}/man/man1" "${FOLDER}/man/man5" "${FOLDER}/bash-completion/completions"
  "${FOLDER}/zsh/vendor-completions" "${FOLDER}/fish/vendor_completions.d")

function(write_output file)
  execute_process(COMMAND "${COMMAND}" ${ARGN} OUTPUT_FILE "${FOLDER}/${file}" COMMAND_ERROR_IS_FATAL ANY)
endfunction()

write_output(man/man1/wasmpack.1 help --man)
foreach(name IN LISTS rows)
  write_output(man/man1/wasmpack-${name}.1 help --man ${name})
endforeach()
write_output(man/man5/wasmpack-manifest.5 help --man manifest)
write_output(bash-completion/completions/wasmpack completion bash)
write_output(zsh/vendor-completions/_wasmpack completion zsh)
write_output(fish/vendor_completions.d/wasmpack.fish completion fish)
